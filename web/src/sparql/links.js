// links: addresses of ours in results lead to their pages here, and stay on this machine; all others are as they are.

/** Have each click on an IRI of ours open its page on this server. */
export function followOwn(place, { base, root }) {
  new MutationObserver(() => {
    for (const link of place.querySelectorAll(`a.iri[href^="${CSS.escape(base)}"], a.iri[href^="${base}"]`)) {
      link.href = root + link.getAttribute("href").slice(base.length);
      link.target = "_self";
    }
  }).observe(place, { childList: true, subtree: true });
}
