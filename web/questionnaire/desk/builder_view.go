package desk

import (
	"maps"
	"strconv"
	"strings"

	"arengo/process/questionnaire/form"
	"arengo/web/page"
)

// builderPage is the builder: the list of questions at the left, one of three
// forms in the middle (Item, Section, or the frame when neither is set), the
// checks and the preview at the right.
type builderPage struct {
	page.Base
	Heading  string
	Summary  string
	State    string // published or not, in a sentence
	Saved    *page.Saved
	Root     string
	Try      string
	Revision int64
	Mark     string
	Locked   bool

	List     page.Items
	Sections []sectionLink
	Lint     page.Lint
	LintText string
	Problems int
	Publish  bool // there is something to publish and nothing is wrong

	Name     pair // the title in the frame's or the section's form
	Intro    pair
	Section  *sectionForm
	Item     *itemForm
	Phone    *phone
	Conflict []version
}

// pair is a text in both languages, with the name of its fields.
type pair struct{ Name, IT, EN string }

func pairOf(name string, t form.Text) pair { return pair{name, t["it"], t["en"]} }

// version is one part of what a colleague saved.
type version struct{ Label, Text string }

type sectionLink struct {
	Code, Label, Href string
	Current           bool
}

type sectionForm struct {
	Code, Label string
	Number      int
	Items       int
	First, Last bool
}

// conflict shows what somebody else saved beside the form, which keeps what
// this person wrote.
func (p *builderPage) conflict(theirs []version) { p.Conflict = theirs }

// page fills what every view of the builder has; current is the item or the
// section being edited.
func (d desk) page(title, current string) builderPage {
	def := &d.q.Definition
	p := builderPage{
		Base:    frame(d.r, d.a, title, d.r.T("builder.crumb")),
		Heading: def.Title.In(d.r.Lang), Root: d.root, Try: d.root + previewPath, Revision: d.q.Revision, Locked: d.locked,
	}
	if p.Heading == "" {
		p.Heading = d.a.Title
	}
	n := len(numbers(def))
	p.Summary = d.r.T("builder.summary", "n", n) + ", " + d.r.T("builder.minutes", "n", def.Minutes()) + ", " + d.r.T("builder.confidential") + "."
	switch {
	case d.q.Published == nil:
		p.State = d.r.T("builder.state.draft")
	case d.q.Changed:
		p.State = d.r.T("builder.state.changed", "version", d.q.Published.Number)
	default:
		p.State = d.r.T("builder.state.published", "version", d.q.Published.Number)
	}
	if !d.q.UpdatedAt.IsZero() {
		p.Saved = &page.Saved{Text: d.r.T("builder.saved", "time", p.Words().Clock(d.q.UpdatedAt))}
	}
	p.List = d.list(current)
	for i, s := range def.Sections {
		p.Sections = append(p.Sections, sectionLink{
			Code: s.Code, Label: d.sectionName(i), Href: d.root + "/sezione/" + s.Code, Current: s.Code == current,
		})
	}
	d.lint(&p)
	p.Publish = p.Problems == 0 && !d.locked && (d.q.Published == nil || d.q.Changed)
	return p
}

func (d desk) sectionName(i int) string {
	if s := d.q.Definition.Sections[i].Title.In(d.r.Lang); s != "" {
		return s
	}
	return d.r.T("builder.section.untitled", "n", i+1)
}

// list is the questionnaire as a spine of questions, branches set in.
func (d desk) list(current string) page.Items {
	var out page.Items
	def := &d.q.Definition
	number := numbers(def)
	for i, s := range def.Sections {
		group := page.ItemGroup{Heading: d.sectionName(i)}
		for n := range s.Items {
			item := &s.Items[n]
			group.Items = append(group.Items, page.Question{
				Number: number[item.Code], Label: d.name(item), Href: d.root + "/domande/" + item.Code,
				Kind: d.kindOf(item), Branch: !item.ShowIf.Empty(), Current: item.Code == current,
			})
		}
		out.Groups = append(out.Groups, group)
	}
	return out
}

// name is an item's short text, or a word for one that has none yet.
func (d desk) name(item *form.Item) string {
	if s := item.Label(d.r.Lang); s != "" {
		return s
	}
	return d.r.T("builder.item.untitled")
}

// kindOf is the small line under an item: "scala 1–5, se 7 è al massimo 2".
func (d desk) kindOf(item *form.Item) string {
	parts := []string{strings.ToLower(d.r.T("questionnaire.type." + string(item.Type)))}
	switch {
	case item.Type == form.Scale && item.Scale != nil:
		parts[0] += " " + strconv.Itoa(item.Scale.Min) + "–" + strconv.Itoa(item.Scale.Max)
	case item.Type == form.Multiple && item.Max != nil:
		parts = append(parts, d.r.T("builder.kind.max", "n", int(*item.Max)))
	}
	if item.ShowIf.Empty() {
		return parts[0] + strings.Join(append([]string{""}, parts[1:]...), ", ")
	}
	if len(item.ShowIf.Rules) == 0 {
		parts = append(parts, d.r.T("builder.kind.expression"))
	} else {
		parts = append(parts, d.r.T("builder.kind.if", "rules", d.rulesShort(item.ShowIf)))
	}
	return strings.Join(parts, ", ")
}

// lint turns the checks into findings with a link to what they are about.
func (d desk) lint(p *builderPage) {
	problems := form.Check(d.q.Definition)
	p.Problems = form.Errors(problems)
	for _, problem := range problems {
		text := d.says(problem)
		strong, rest, cut := strings.Cut(text, ". ")
		if cut {
			strong += "."
		}
		f := page.Finding{Level: "warn", Strong: strong, Text: rest, Link: d.lintLink(problem)}
		if problem.Severity == form.SeverityError {
			f.Level = "error"
		}
		p.Lint.Findings = append(p.Lint.Findings, f)
	}
	if p.Problems == 0 {
		p.Lint.Findings = append(p.Lint.Findings, page.Finding{Level: "ok", Text: d.r.T("builder.lint.ok")})
	}
	warnings := len(problems) - p.Problems
	p.LintText = d.r.T("builder.lint.errors", "n", p.Problems)
	if warnings > 0 {
		p.LintText += " " + d.r.T("builder.lint.warnings", "n", warnings)
	}
}

// says is the sentence of a problem, which names the item as the list does.
func (d desk) says(p form.Problem) string {
	args := maps.Clone(p.Args)
	item := d.q.Definition.Item(p.Item)
	switch {
	case item == nil:
	case p.Number == 0 && p.After == 0:
		args["where"] = d.r.T("builder.lint.where_first")
	case p.Number == 0:
		args["where"] = d.r.T("builder.lint.where_note", "number", p.After)
	case item.Words(d.r.Lang) == "":
		args["where"] = d.r.T("builder.lint.where", "number", p.Number)
	default:
		args["where"] = d.r.T("builder.lint.where_words", "number", p.Number, "words", item.Words(d.r.Lang))
	}
	return page.T(d.r.Lang, p.Key, args)
}

func (d desk) lintLink(p form.Problem) page.Link {
	fragment := ""
	switch {
	case p.Code == "untranslated" || p.Code == "untranslated_title":
		fragment = "?inglese=1#inglese"
	case p.Field == "show_if":
		fragment = "#quando"
	case p.Field == "options" || strings.HasPrefix(p.Field, "options."):
		fragment = "#risposte"
	}
	switch {
	case p.Item != "" && p.Number > 0:
		return page.Link{Label: d.r.T("builder.lint.fix", "number", p.Number), Href: d.root + "/domande/" + p.Item + fragment}
	case p.Item != "":
		return page.Link{Label: d.r.T("builder.lint.fix_note"), Href: d.root + "/domande/" + p.Item + fragment}
	case p.Section != "":
		return page.Link{Label: d.r.T("builder.lint.fix_section"), Href: d.root + "/sezione/" + p.Section + fragment}
	case p.Field == "title":
		return page.Link{Label: d.r.T("builder.lint.fix_title"), Href: d.root + "/domande" + fragment}
	}
	return page.Link{}
}

// framePage is the builder on title and introduction.
func (d desk) framePage(title, intro form.Text) builderPage {
	p := d.page(d.r.T("builder.title"), "")
	p.Mark = markFrame(&d.q.Definition)
	p.Name, p.Intro = pairOf("title", title), pairOf("intro", intro)
	return p
}

// sectionPage is the builder on one section.
func (d desk) sectionPage(code string, title form.Text) builderPage {
	s := sectionOf(&d.q.Definition, code)
	p := d.page(d.r.T("builder.section.title", "n", s+1), code)
	p.Mark = markSection(&d.q.Definition, code)
	p.Name = pairOf("title", title)
	p.Section = &sectionForm{
		Code: code, Label: d.sectionName(s), Number: s + 1, Items: len(d.q.Definition.Sections[s].Items),
		First: s == 0, Last: s == len(d.q.Definition.Sections)-1,
	}
	return p
}

// versionOf is an item as a colleague left it, for the panel of a conflict.
func (d desk) versionOf(item *form.Item) []version {
	if item == nil {
		return []version{{"", d.r.T("builder.conflict.deleted")}}
	}
	out := []version{
		{d.r.T("builder.field.text"), item.Text.In(d.r.Lang)},
		{d.r.T("builder.field.type"), d.r.T("questionnaire.type." + string(item.Type))},
	}
	if s := item.Help.In(d.r.Lang); s != "" {
		out = append(out, version{d.r.T("builder.field.help"), s})
	}
	if len(item.Options) > 0 && item.Type != form.Municipality {
		var labels []string
		for _, o := range item.Options {
			labels = append(labels, o.Text.In(d.r.Lang))
		}
		out = append(out, version{d.r.T("builder.field.options"), strings.Join(labels, " · ")})
	}
	if !item.ShowIf.Empty() {
		out = append(out, version{d.r.T("builder.field.show_if"), d.sentence(item)})
	}
	return out
}
