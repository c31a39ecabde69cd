/** Marks the page in the menu for screen readers, and scrolls the menu until the page is in view. */
export function showActivePage() {
  requestAnimationFrame(() => {
    const menu = document.querySelector('.VPSidebar');
    menu?.querySelector('[aria-current]')?.removeAttribute('aria-current');
    const link = [...(menu?.querySelectorAll('.is-link.is-active > .item > a') ?? [])].at(-1);
    if (link === undefined) {
      return;
    }
    link.setAttribute('aria-current', 'page');
    const { top, bottom } = link.getBoundingClientRect();
    const frame = menu.getBoundingClientRect();
    // The name of the site covers the top of the menu on a computer.
    const covered = Number.parseFloat(getComputedStyle(menu).paddingTop) || 0;
    if (top < frame.top + covered || bottom > frame.bottom) {
      menu.scrollTop += top - (frame.top + frame.height / 2);
    }
  });
}
