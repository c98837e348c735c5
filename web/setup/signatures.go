package setup

import (
	"cmp"
	"strconv"
	"strings"

	"arengo/process"
	"arengo/web/setup/wizard"
	"arengo/web/staff/section"

	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow/definition"
)

// signaturesPanel says how many signatures citizens need to ask for the process
// themselves, by the residents that are typed or, else, by the population.
type signaturesPanel struct {
	Title  string
	Field  page.Field
	Result string // "310 firme", "" while there are no residents
	How    string // 170 and 2 % of the residents above 5.000
	Rows   []signatureBand
	Source page.Source
}

// signatureBand is one line of the law's table.
type signatureBand struct {
	Residents, Signatures string
	Current               bool
}

// signatures is the panel of a definition that has such thresholds, nil for
// others. What was typed and is no number is a refusal at "residenti".
func (a *area) signatures(r *site.Request, total int64) (*signaturesPanel, error) {
	def, _, err := a.core.Definition(r.Context(), a.core.DB(), r.Gate.Process)
	if err != nil || def.Signatures == nil {
		return nil, err
	}
	s := def.Signatures
	p := &signaturesPanel{Title: s.Title.In(r.Lang), Source: lawSource(s.Law), Field: page.Field{
		Name: "residenti", Label: r.T("setup.signatures.residents"), Hint: r.T("setup.signatures.hint"), Mode: "numeric", Required: true,
		Value: cmp.Or(strings.TrimSpace(r.Query("residenti")), strconv.FormatInt(total, 10)),
	}}
	n, bad := parseUnits(p.Field.Value)
	switch {
	case bad != nil:
		err = fault.Field("residenti", "setup.error.units", "value", p.Field.Value, "name", p.Field.Label)
		n = 0
	case n == 0 && r.Query("residenti") != "":
		err = fault.Field("residenti", "setup.error.residents")
	case n == 0:
		p.Field.Value = ""
	}
	num := func(n int64) string { return page.Words{Lang: r.Lang}.Num(n, 0) }
	below, found := 0, false
	for _, b := range s.Bands {
		row := signatureBand{Residents: r.T("setup.signatures.above", "from", num(int64(below))), Signatures: bandWords(r, b, below, num)}
		if b.UpTo > 0 {
			row.Residents = r.T("setup.signatures.upto", "to", num(int64(b.UpTo)))
		}
		row.Current = n > 0 && !found && (b.UpTo == 0 || n <= int64(b.UpTo))
		if row.Current {
			found, p.How = true, row.Signatures
			p.Result = r.T("setup.signatures.result", "n", s.Needed(int(n)), "residents", num(n))
		}
		p.Rows = append(p.Rows, row)
		below = b.UpTo
	}
	return p, err
}

// bandWords are the law's formula of a band: "170, più il 2 % dei residenti oltre
// i 5.000".
func bandWords(r *site.Request, b definition.Band, below int, num func(int64) string) string {
	share := strconv.FormatFloat(float64(b.Share)/100, 'f', -1, 64)
	if r.Lang == "it" {
		share = strings.ReplaceAll(share, ".", ",")
	}
	if below == 0 {
		return r.T("setup.signatures.share", "share", share)
	}
	return r.T("setup.signatures.sum", "base", num(int64(b.Base)), "share", share, "from", num(int64(below)))
}

// counter is where the signatures are counted that a document holds, "" for other
// documents, definitions without thresholds and those who may not open the page.
func counter(r *site.Request, def *definition.Compiled, code string) string {
	if def.Signatures == nil || code != definition.CodeSignatures || process.Allow(process.ActProcessEdit, r.Gate.Standing, r.Gate.At) != nil {
		return ""
	}
	return wizard.Home(r.Gate.Process) + "/" + section.Population + "#firme"
}
