package editor

import (
	"io"

	"arengo/process/draft"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
)

// importPage takes the phases from a file.
type importPage struct {
	page.Base
	Frame    wizard.Frame
	Action   string
	Back     string
	Revision int64
	File     page.Field
	Name     string
	Problems []fileProblem
	Stale    string
}

// fileProblem is a fault of a file at its line. Original is in English, see
// strict.Problem.
type fileProblem struct {
	Line           int
	Text, Original string
}

// fileExport writes the phases as a file that can be imported again.
func (a *area) fileExport(r *site.Request) error {
	d, err := a.drafts.Load(r.Context(), r.Gate.Process)
	if err != nil {
		return err
	}
	name, source, err := draft.File(d, r.Gate.Process.ID)
	if err != nil {
		return err
	}
	return r.Download(name, "application/yaml; charset=utf-8", func(w io.Writer) error {
		_, err := w.Write(source)
		return err
	})
}

func (a *area) fileShow(r *site.Request) error {
	p, err := a.fileView(r)
	if err != nil {
		return err
	}
	return r.Page("editor/import", p)
}

func (a *area) fileView(r *site.Request) (importPage, error) {
	d, err := a.drafts.Load(r.Context(), r.Gate.Process)
	if err != nil {
		return importPage{}, err
	}
	title := r.T("editor.import.title")
	base, f, err := a.frame(r, title, page.Crumb{Label: title})
	at := home(r.Gate.Process)
	return importPage{
		Base: base, Frame: f, Action: at + "/importa", Back: at, Revision: d.Revision,
		File: page.Field{
			Name: "file", Label: r.T("editor.import.file"), Type: "file", Required: true, Accept: ".yaml,.yml",
			Hint: r.T("editor.import.hint", "max", draft.MostBytes>>10),
		},
	}, err
}

// fileImport takes the phases of a file, or shows everything that is wrong with
// it by line.
func (a *area) fileImport(r *site.Request) error {
	name, data, err := r.File("file")
	var found []fileProblem
	if err == nil {
		problems, failed := a.drafts.Import(r.Context(), r.Gate.Process.ID, r.Actor, revision(r.Value("revision")), name, data)
		for _, p := range problems.In(r.Lang) {
			found = append(found, fileProblem{p.Line, p.Message, p.Original})
		}
		err = failed
	}
	if err == nil && found == nil {
		return r.Redirect(home(r.Gate.Process), "editor.flash.imported")
	}
	if err != nil && !refused(err) {
		return err
	}
	p, failed := a.fileView(r)
	if failed != nil {
		return failed
	}
	p.Name, p.Problems = name, found
	status := 422
	if err != nil {
		status, p.Errors = page.Status(err), summary(r, err)
		if wizard.Stale(err) {
			p.Stale = r.T("editor.stale")
		}
	}
	return r.PageStatus(status, "editor/import", p)
}
