/** The product's mark, drawn by hand, so that it takes the theme's colours. */
export function Mark(props: { readonly size?: number }) {
  return (
    <svg
      class="mark"
      width={props.size ?? 24}
      height={props.size ?? 24}
      viewBox="0 0 32 32"
      aria-hidden="true"
    >
      <rect class="mark-ground" width="32" height="32" rx="8" />
      <path
        class="mark-line"
        d="M4.5 16C7.5 10.5 11.5 8 16 8s8.5 2.5 11.5 8C24.5 21.5 20.5 24 16 24s-8.5-2.5-11.5-8Z"
      />
      <circle class="mark-pupil" cx="16" cy="16" r="4.5" />
    </svg>
  );
}
