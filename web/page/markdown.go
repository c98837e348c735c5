package page

import (
	"bytes"
	"html/template"
	"regexp"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough))

// policy lets through the prose that goldmark writes and nothing that acts:
// no images (they would be third-party requests), no styles, no classes.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "blockquote", "code", "pre", "hr",
		"ul", "ol", "li", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,4}$`)).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
})

var anchor = regexp.MustCompile(`rel="nofollow noreferrer"`)

// Markdown turns the text that people write into safe HTML: headings begin at
// the third level, links are rel="nofollow noopener", raw HTML and images are
// dropped.
func Markdown(text string) template.HTML {
	var b bytes.Buffer
	if err := markdown.Convert([]byte(text), &b); err != nil {
		return template.HTML("<p>" + template.HTMLEscapeString(text) + "</p>") // escaped
	}
	safe := policy().SanitizeBytes(lower(b.Bytes()))
	safe = anchor.ReplaceAll(safe, []byte(`rel="nofollow noopener"`))
	return template.HTML(bytes.TrimSpace(safe)) // sanitised above
}

var heading = regexp.MustCompile(`</?h([1-6])>`)

// lower moves headings so that the highest is of the third level: authors begin
// at the level they like, and a page keeps one h1 and its own h2.
func lower(b []byte) []byte {
	highest := byte('6')
	for _, m := range heading.FindAllSubmatch(b, -1) {
		highest = min(highest, m[1][0])
	}
	return heading.ReplaceAllFunc(b, func(tag []byte) []byte {
		i := len(tag) - 2
		return append(append(append([]byte{}, tag[:i]...), min('6', tag[i]-highest+'3')), '>')
	})
}
