// Bootstrap Italia classes that are shipped whether or not a template names
// them yet. Patterns match whole class names.
const breakpoint = "(-(sm|md|lg|xl|xxl))?";
const step = "(0|1|2|3|4|5|auto)";

export const safelist = {
  standard: [
    "html", "body",
    /^container(-fluid)?$/, /^row$/, new RegExp(`^row-cols${breakpoint}-\\d$`),
    new RegExp(`^col${breakpoint}(-(\\d+|auto))?$`), new RegExp(`^offset${breakpoint}-\\d+$`), new RegExp(`^order${breakpoint}-(\\d|first|last)$`),
    new RegExp(`^[mp][tbsexy]?${breakpoint}-n?${step}$`), new RegExp(`^g[xy]?${breakpoint}-${step}$`), new RegExp(`^gap${breakpoint}-${step}$`),
    new RegExp(`^d${breakpoint}-(none|block|inline|inline-block|flex|inline-flex|grid)$`),
    new RegExp(`^flex${breakpoint}-(row|column|wrap|nowrap|fill|grow-\\d|shrink-\\d)$`),
    new RegExp(`^(justify-content|align-items|align-self)${breakpoint}-(start|end|center|between|around|baseline|stretch)$`),
    new RegExp(`^float${breakpoint}-(start|end|none)$`),
    new RegExp(`^text${breakpoint}-(start|end|center)$`),
    /^text-(wrap|nowrap|truncate|break|lowercase|uppercase|capitalize|decoration-none|decoration-underline|muted|primary|secondary|success|danger|warning|white|body|reset)$/,
    /^(fw|fst)-/, /^fs-[1-6]$/, /^h[1-6]$/, /^lh-/, /^lead$/, /^small$/, /^mark$/, /^font-monospace$/,
    /^(w|h|mw|mh)-(25|50|75|100|auto)$/, /^position-(static|relative|absolute|sticky)$/, /^overflow-(auto|hidden)$/,
    /^border(-(top|end|bottom|start))?(-0)?$/, /^rounded(-(0|1|2|3|circle|pill))?$/, /^shadow(-(sm|lg|none))?$/,
    /^bg-(primary|secondary|success|danger|warning|light|white|transparent|body)$/,
    /^btn$/, /^btn-(primary|secondary|outline-primary|outline-secondary|outline-danger|danger|success|link|lg|sm|xs|icon|group)$/,
    /^alert(-(primary|info|success|warning|danger|heading|link|dismissible))?$/, /^badge$/,
    /^table(-(sm|striped|bordered|hover|responsive|borderless))?(-md|-lg)?$/, /^caption-top$/,
    /^list-(unstyled|inline|inline-item|group|group-item)$/, /^link-list$/, /^link-list-wrapper$/, /^list-item$/,
    /^form-(check|check-input|check-label|check-inline|control|select|label|text|group|range)$/, /^input-group(-text)?$/, /^is-(in)?valid$/, /^(in)?valid-feedback$/,
    /^visually-hidden(-focusable)?$/, /^skiplink$/, /^icon(-(xs|sm|lg|xl|white|primary|secondary|success|danger|warning|padded))?$/,
    /^breadcrumb(-item|-container)?$/, /^separator$/, /^pagination(-wrapper)?$/, /^page-(item|link)$/,
    /^nav(-link|-item|-tabs|-pills)?$/, /^active$/, /^disabled$/, /^show$/, /^collapsed?$/,
    /^steppers(-.*)?$/, /^confirmed$/, /^callout(-.*)?$/, /^card(-(body|title|text|wrapper))?$/, /^blockquote$/,
    /^progress(-bar)?$/, /^it-(header-wrapper|header-slim-wrapper|footer|page-section)$/,
    /^chip(-.*)?$/, /^avatar(-.*)?$/, /^ratio(-.*)?$/, /^figure(-.*)?$/, /^img-fluid$/, /^align-(top|middle|bottom|baseline)$/, /^vr$/, /^hr$/, /^sticky-top$/,
  ],
};
