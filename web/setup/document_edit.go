package setup

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow/slug"
)

// documentsPage lists what each phase asks for, and what else was written.
type documentsPage struct {
	page.Base
	Frame  wizard.Frame
	Lead   string
	New    string // where a new one is written, "" for who only reads
	Groups []documentGroup
}

// documentGroup is a phase with its documents.
type documentGroup struct {
	Heading string
	Rows    []documentRow
}

// documentRow is a document; State is "missing", "draft" or "public". Count is
// where its signatures are counted, "" for others.
type documentRow struct {
	Title, Href, Verb string
	State             string
	Over              bool // the process has ended: nothing is asked for any more
	Required          bool
	Wanted            bool // the definition wants it public
	Count             string
	Theirs            string // who alone writes it, where that is somebody else
}

const (
	codeNew        = "nuovo"
	codePopulation = "population" // answered by its own page, not by a text
)

func (a *area) documentList(r *site.Request) error {
	base, f, err := wizard.Workspace(a.core, r, r.T("setup.documents.title"), section.Documents)
	if err != nil {
		return err
	}
	pr := r.Gate.Process
	all, err := a.documents.List(r.Context(), pr, r.Lang)
	if err != nil {
		return err
	}
	def, inst, err := a.core.Definition(r.Context(), a.core.DB(), pr)
	if err != nil {
		return err
	}
	population, err := a.core.Population(r.Context(), pr.ID)
	if err != nil {
		return err
	}
	over := def.Final(inst.State)
	p := documentsPage{Base: base, Frame: f, Lead: r.T("setup.documents.lead")}
	if theirs(r, document.Document{}) == "" {
		p.New = wizard.Home(pr) + "/" + section.Documents + "/" + codeNew
	}
	switch {
	case over && p.New != "": // the page has buttons, and says what they are still for
		p.Lead = r.T("setup.documents.lead.over.own")
	case over:
		p.Lead = r.T("setup.documents.lead.over")
	}
	phase := "-"
	for _, d := range all {
		if d.Phase != phase {
			phase = d.Phase
			heading := r.T("setup.documents.others")
			if st, ok := def.State(phase); ok {
				heading = st.Title.In(r.Lang)
			}
			p.Groups = append(p.Groups, documentGroup{Heading: heading})
		}
		row := documentLine(r, d)
		row.Count = counter(r, def, d.Code)
		if d.Code == codePopulation {
			row.Href, row.Verb, row.State = wizard.Home(pr)+"/"+section.Population, r.T("setup.documents.population"), "missing"
			if process.Allow(process.ActProcessEdit, r.Gate.Standing, r.Gate.At) != nil {
				row.Href = "" // it is shown, but not theirs to change
			}
			if len(population) > 0 {
				row.State = "draft"
			}
		}
		row.Over = over
		g := &p.Groups[len(p.Groups)-1]
		g.Rows = append(g.Rows, row)
	}
	return r.Page("setup/documents", p)
}

func documentLine(r *site.Request, d document.Document) documentRow {
	row := documentRow{
		Title: d.Title, Href: wizard.Home(r.Gate.Process) + "/" + section.Documents + "/" + d.Code, Required: d.Required, Wanted: d.Public,
		State: "missing", Verb: r.T("setup.documents.write"),
	}
	if d.Revision > 0 {
		row.State, row.Verb = "draft", r.T("setup.documents.edit")
	}
	if d.PublishedAt != nil {
		row.State = "public"
	}
	if row.Theirs = theirs(r, d); row.Theirs != "" {
		if row.Verb = r.T("setup.documents.read"); d.Revision == 0 {
			row.Href = "" // there is nothing to read yet
		}
	}
	return row
}

// theirs names who alone writes a document, "" where the reader may.
func theirs(r *site.Request, d document.Document) string {
	writers := r.Gate.At.Writers(d.By)
	if r.Gate.Standing.Writes(writers) {
		return ""
	}
	return flow.Writers(r.Lang, writers)
}

// documentPage writes one document.
type documentPage struct {
	page.Base
	Frame    wizard.Frame
	Action   string
	List     string
	Revision int64
	Fields   []page.Field
	Shown    template.HTML // the text as it will read
	Shows    bool
	Public   bool
	Wanted   bool
	New      bool
	Href     string // on the public site
	Count    string // where its signatures are counted
	Theirs   string // who alone writes it, where that is somebody else
	Relied   bool   // something rests on it: it is not taken back
	Conflict *wizard.Conflict
}

func (a *area) documentShow(r *site.Request) error {
	d := document.Document{}
	if code := r.Param("code"); code != codeNew {
		if code == codePopulation {
			return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.Population, "")
		}
		var err error
		if d, err = a.documents.Load(r.Context(), r.Gate.Process, code, r.Lang); err != nil {
			return err
		}
	}
	p, err := a.documentView(r, d)
	if err != nil {
		return err
	}
	return r.Page("setup/document", p)
}

func (a *area) documentView(r *site.Request, d document.Document) (documentPage, error) {
	title := d.Title
	if r.Param("code") == codeNew || title == "" {
		title = r.T("setup.document.new")
	}
	base, f, err := wizard.Workspace(a.core, r, title, section.Documents, page.Crumb{Label: title})
	if err != nil {
		return documentPage{}, err
	}
	pr := r.Gate.Process
	def, _, err := a.core.Definition(r.Context(), a.core.DB(), pr)
	if err != nil {
		return documentPage{}, err
	}
	p := documentPage{
		Theirs: theirs(r, d),
		Base:   base, Frame: f, Action: wizard.Home(pr) + "/" + section.Documents + "/" + r.Param("code"), List: wizard.Home(pr) + "/" + section.Documents,
		Revision: d.Revision, Public: d.PublishedAt != nil, Wanted: d.Public, New: r.Param("code") == codeNew,
		Href: "/percorsi/" + pr.Slug + "/documenti/" + d.Code, Count: counter(r, def, d.Code),
		Fields: []page.Field{
			{Name: "title", Label: r.T("setup.document.title"), Value: d.Title, Required: true, Max: maxTitle},
			{Name: "body", Label: r.T("setup.document.body"), Hint: r.T("setup.document.body.hint"), Type: "textarea", Rows: 16, Value: d.Body, Required: true},
		},
	}
	if p.Theirs != "" {
		p.Shows, p.Shown = d.Body != "", page.Markdown(d.Body)
	} else if p.Public {
		p.Relied, err = document.Relied(r.Context(), a.core.DB(), a.core, pr, d.Code)
	}
	return p, err
}

// documentSave answers the four buttons of the form: save, preview (nothing is
// saved), save and publish, save and take off the site.
func (a *area) documentSave(r *site.Request) error {
	d, err := a.documentTyped(r)
	if err != nil {
		return err
	}
	if r.Value("fai") == "anteprima" {
		p, err := a.documentView(r, d)
		if err != nil {
			return err
		}
		p.Shows, p.Shown = true, page.Markdown(d.Body)
		return r.Page("setup/document", p)
	}
	d.Turn = map[string]document.Turn{"pubblica": document.Show, "ritira": document.Hide}[r.Value("fai")]
	already, err := a.documentWrite(r, &d)
	if err != nil {
		return a.documentRefuse(r, d, err)
	}
	flash := map[document.Turn]string{"": "setup.flash.document", document.Show: "setup.flash.docpublic", document.Hide: "setup.flash.withdrawn"}[d.Turn]
	return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.Documents, site.Once(already, flash))
}

// documentWrite saves what was typed; d becomes the document that the form made
// when it was sent before, already.
func (a *area) documentWrite(r *site.Request, d *document.Document) (already bool, err error) {
	if r.Param("code") != codeNew {
		return false, a.documents.Save(r.Context(), r.Actor, *d)
	}
	d.FormKey = r.FormKey("fai")
	made, err := a.documents.Add(r.Context(), r.Actor, *d)
	if err == nil {
		*d = made
	}
	return made.Already, err
}

// documentTyped is the document as the form has it.
func (a *area) documentTyped(r *site.Request) (document.Document, error) {
	all, err := a.documents.List(r.Context(), r.Gate.Process, r.Lang)
	if err != nil {
		return document.Document{}, err
	}
	code := r.Param("code")
	d := document.Document{}
	if code == codeNew {
		code = freeCode(r.Value("title"), all)
	} else if i := slices.IndexFunc(all, func(d document.Document) bool { return d.Code == code }); i >= 0 {
		d = all[i]
	} else {
		return d, fault.New(fault.NotFound, "document.not_found")
	}
	d.ProcessID, d.Code, d.Revision = r.Gate.Process.ID, code, revision(r.Value("revision"))
	d.Title, d.Body = r.Value("title"), strings.ReplaceAll(r.Value("body"), "\r\n", "\n")
	return d, nil
}

func (a *area) documentRefuse(r *site.Request, d document.Document, err error) error {
	if !wizard.Shown(err) {
		return err
	}
	var met *wizard.Conflict
	if wizard.Stale(err) {
		now, failed := a.documents.Load(r.Context(), r.Gate.Process, d.Code, r.Lang)
		if failed != nil {
			return failed
		}
		met = &wizard.Conflict{}
		met.Add(r.T("setup.document.title"), now.Title, d.Title)
		met.Add(r.T("setup.document.body"), now.Body, d.Body)
		d.Revision = now.Revision
	}
	p, failed := a.documentView(r, d)
	if failed != nil {
		return failed
	}
	p.Conflict, p.Errors = met, page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/document", p)
}

// freeCode makes a word for addresses from a title: lower case, ASCII, hyphens,
// with a number when it is taken.
func freeCode(title string, taken []document.Document) string {
	base := slug.Of(title, 50)
	if base == "" {
		base = "documento"
	}
	code := base
	used := func(d document.Document) bool { return d.Code == code }
	for n := 2; code == codeNew || slices.ContainsFunc(taken, used); n++ {
		code = base + "-" + strconv.Itoa(n)
	}
	return code
}
