package templates

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A source is compiled once: its Markdown becomes the source of two Go
// templates, and only then are values filled in. So a value is never read as
// Markdown, and html/template escapes it for the place it stands in.

// compiled holds the template sources that one Markdown source gave.
type compiled struct {
	subject, preview string
	rows             string // table rows of the HTML frame
	text             string
	personal         bool // a button is a personal link, unless the facts say that it is shared
	button           bool
}

var (
	action    = regexp.MustCompile(`\{\{.*?\}\}`)
	control   = regexp.MustCompile(`^\{\{-?\s*(if|else|end|with|range)\b`)
	directive = regexp.MustCompile(`^\[\[(button|open|preview):\s*(.+?)\s*\]\]$`)
	mark      = regexp.MustCompile("\uE000(\\d+)\uE001")
)

const blue = "#0059b3"

// compiler walks the Markdown of one source. Actions and directives stand in it
// as marks of private characters, which Markdown leaves alone.
type compiler struct {
	out    compiled
	marks  []string // the action or directive behind each mark
	source []byte
}

// compile reads a whole source. The error names what it does not understand.
func compile(source string) (compiled, error) {
	subject, body, ok := strings.Cut(strings.TrimLeft(source, "\n"), "\n")
	if !ok || strings.TrimSpace(subject) == "" {
		return compiled{}, fmt.Errorf("want a subject on the first line and a body after it")
	}
	c := &compiler{}
	c.out.subject = strings.TrimSpace(subject)
	lines := strings.Split(body, "\n")
	for i, line := range lines {
		if directive.MatchString(strings.TrimSpace(line)) {
			lines[i] = "\n" + c.hide(strings.TrimSpace(line)) + "\n"
		} else {
			lines[i] = action.ReplaceAllStringFunc(line, c.hide)
		}
	}
	c.source = []byte(strings.Join(lines, "\n"))
	doc := goldmark.DefaultParser().Parse(text.NewReader(c.source))
	for node := doc.FirstChild(); node != nil; node = node.NextSibling() {
		if err := c.block(node, false); err != nil {
			return compiled{}, err
		}
	}
	c.out.rows, c.out.text = c.show(c.out.rows), c.show(c.out.text)
	return c.out, nil
}

func (c *compiler) hide(s string) string {
	c.marks = append(c.marks, s)
	return "\uE000" + strconv.Itoa(len(c.marks)-1) + "\uE001"
}

func (c *compiler) show(s string) string {
	return mark.ReplaceAllStringFunc(s, func(m string) string { return c.marks[c.index(m)] })
}

func (c *compiler) index(m string) int {
	i, err := strconv.Atoi(strings.Trim(m, "\uE000\uE001"))
	if err != nil || i >= len(c.marks) {
		return 0
	}
	return i
}

func (c *compiler) block(node ast.Node, small bool) error {
	switch n := node.(type) {
	case *ast.Heading:
		return c.heading(n)
	case *ast.Paragraph, *ast.TextBlock:
		return c.paragraph(node, small)
	case *ast.Blockquote:
		for child := n.FirstChild(); child != nil; child = child.NextSibling() {
			if err := c.block(child, true); err != nil {
				return err
			}
		}
		return nil
	case *ast.List:
		return c.list(n)
	}
	return fmt.Errorf("a %s has no place in a message", node.Kind())
}

func (c *compiler) heading(n *ast.Heading) error {
	if n.Level != 1 {
		return fmt.Errorf("one heading of level 1 is all a message needs")
	}
	rich, plain, err := c.inline(n)
	c.out.rows += `<tr><td style="padding:24px 24px 0;"><h1 style="margin:0;font-family:Lora,Georgia,serif;font-size:28px;line-height:34px;color:#17324d;">` +
		rich + "</h1></td></tr>\n"
	c.out.text += plain + "\n\n"
	return err
}

func (c *compiler) paragraph(node ast.Node, small bool) error {
	rich, plain, err := c.inline(node)
	if err != nil {
		return err
	}
	if only := strings.TrimSpace(mark.ReplaceAllString(plain, "")); only == "" && plain != "" {
		if done := c.special(plain); done {
			return nil
		}
	}
	style := "padding:16px 24px 0;"
	if small {
		style = "padding:14px 24px 0;font-size:16px;line-height:24px;color:#435a70;"
	}
	c.out.rows += `<tr><td style="` + style + `">` + rich + "</td></tr>\n"
	c.out.text += plain + "\n\n"
	return nil
}

// special handles a paragraph of nothing but marks: a directive, or template
// control that must not make a row of its own.
func (c *compiler) special(plain string) bool {
	marks := mark.FindAllString(plain, -1)
	if len(marks) == 1 {
		if m := directive.FindStringSubmatch(c.marks[c.index(marks[0])]); m != nil {
			c.directive(m[1], m[2])
			return true
		}
	}
	for _, m := range marks {
		if !control.MatchString(c.marks[c.index(m)]) {
			return false
		}
	}
	c.out.rows += strings.Join(marks, "") + "\n"
	c.out.text += strings.Join(marks, "")
	return true
}

func (c *compiler) directive(name, value string) {
	if name == "preview" {
		c.out.preview = value
		return
	}
	c.out.button, c.out.personal = true, c.out.personal || name == "button"
	c.out.rows += `{{if .Recipient.Link}}<tr><td style="padding:24px 24px 4px;"><table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr><td bgcolor="` + blue + `" style="background:` + blue +
		`;border-radius:6px;mso-padding-alt:16px 28px;"><a href="{{.Recipient.Link}}" style="display:block;padding:16px 28px;color:#ffffff;font-size:19px;line-height:24px;font-weight:bold;text-decoration:none;">` +
		value + "</a></td></tr></table></td></tr>{{end}}\n"
	c.out.text += "{{if .Recipient.Link}}" + value + "[[word colon]]\n{{.Recipient.Link}}\n"
	if name == "button" {
		c.out.text += "{{if not .Recipient.Shared}}([[word personal]])\n{{end}}"
	}
	c.out.text += "\n{{end}}"
}

func (c *compiler) list(n *ast.List) error {
	tag, number := "ul", 0
	if n.IsOrdered() {
		tag, number = "ol", max(n.Start, 1)
	}
	c.out.rows += `<tr><td style="padding:12px 24px 0;"><` + tag + ` style="margin:0;padding:0 0 0 22px;">`
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		if item.ChildCount() != 1 {
			return fmt.Errorf("a list item is one paragraph")
		}
		rich, plain, err := c.inline(item.FirstChild())
		if err != nil {
			return err
		}
		c.out.rows += `<li style="padding:4px 0;">` + rich + "</li>"
		sign := "- "
		if number > 0 {
			sign = strconv.Itoa(number) + ". "
			number++
		}
		c.out.text += sign + plain + "\n"
	}
	c.out.rows += "</" + tag + "></td></tr>\n"
	c.out.text += "\n"
	return nil
}

// inline writes the children of a block twice.
func (c *compiler) inline(node ast.Node) (rich, plain string, err error) {
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		inner, bare := "", ""
		switch n := child.(type) {
		case *ast.Text:
			bare = string(util.UnescapePunctuations(n.Segment.Value(c.source)))
			inner = html.EscapeString(bare)
			switch {
			case n.HardLineBreak():
				inner, bare = inner+"<br>", bare+"\n"
			case n.SoftLineBreak():
				inner, bare = inner+" ", bare+" "
			}
		case *ast.String:
			bare = string(n.Value)
			inner = html.EscapeString(bare)
		case *ast.Emphasis:
			tag := [2]string{`<em>`, "</em>"}
			if n.Level == 2 {
				tag = [2]string{`<strong style="color:#17324d;">`, "</strong>"}
			}
			if inner, bare, err = c.inline(n); err != nil {
				return "", "", err
			}
			inner = tag[0] + inner + tag[1]
		case *ast.Link:
			if inner, bare, err = c.inline(n); err != nil {
				return "", "", err
			}
			target := string(n.Destination)
			inner = `<a href="` + html.EscapeString(target) + `" style="color:` + blue + `;">` + inner + "</a>"
			bare += " (" + strings.TrimPrefix(target, "mailto:") + ")"
		case *ast.AutoLink:
			bare = string(n.Label(c.source))
			target := string(n.URL(c.source))
			if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(target, "mailto:") {
				target = "mailto:" + target
			}
			inner = `<a href="` + html.EscapeString(target) + `" style="color:` + blue + `;">` + html.EscapeString(bare) + "</a>"
		default:
			return "", "", fmt.Errorf("a %s has no place in a message", child.Kind())
		}
		rich, plain = rich+inner, plain+bare
	}
	return rich, plain, nil
}
