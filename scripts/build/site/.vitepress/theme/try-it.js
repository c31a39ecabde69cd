import { defineAsyncComponent, h, onMounted, onUnmounted, ref } from 'vue';

/** The address of the form within the page of its operation. */
const ID = 'try-it';

/** A reader who does not open the form does not load it. */
const TryForm = defineAsyncComponent(() => import('./TryForm.vue'));

/** The button on the page of an operation that opens its form. A link to the form opens it too. */
export const TryIt = {
  props: { operationId: { type: String, required: true } },
  setup(props) {
    const isOpen = ref(false);
    const openByLink = () => {
      isOpen.value ||= location.hash === `#${ID}`;
    };
    onMounted(() => {
      openByLink();
      addEventListener('hashchange', openByLink);
    });
    onUnmounted(() => removeEventListener('hashchange', openByLink));
    const toggle = () => {
      isOpen.value = !isOpen.value;
    };
    return () =>
      h('div', { id: ID, class: 'try-it' }, [
        h('button', { type: 'button', 'aria-expanded': isOpen.value, onClick: toggle }, 'Try it'),
        isOpen.value ? h(TryForm, props) : undefined,
      ]);
  },
};
