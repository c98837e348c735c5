package definition

import (
	"math"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"arengo/workflow/strict"
)

func (r *reader) date(n ast.Node) Date {
	var d Date
	what := strict.Say("date")
	d.Line = r.Object(n, what, strict.Fields{
		"code":     func(v ast.Node) { d.Code = r.name(v, what.At("code")) },
		"title":    func(v ast.Node) { d.Title = r.texts(v, what.At("title")) },
		"required": func(v ast.Node) { d.Required = r.Flag(v, what.At("required")) },
		"law":      func(v ast.Node) { d.Law = r.law(v, what.At("law")) },
	})
	r.coded(d.Line, what, d.Code, d.Title)
	return d
}

// coded asks for the code and the title that things which a file declares have.
func (r *reader) coded(line int, what strict.Phrase, code string, title Text) {
	if code == "" {
		r.Bad(line, "%s has no code", what)
	}
	if title == nil {
		r.Bad(line, "%s has no title", what)
	}
}

func (r *reader) ownNotices(n ast.Node) []Notice {
	var out []Notice
	for _, p := range r.Pairs(n, strict.Plain("notices")) {
		w := Notice{Code: p.Key, Line: p.Line}
		what := strict.Say("notice %s", p.Key)
		if !namePattern.MatchString(p.Key) {
			r.Bad(p.Line, "%s: a name must be lower-case words joined by hyphens", what)
		}
		if slices.Contains(Notices, p.Key) {
			r.Bad(p.Line, "%s: every definition knows a notice of that name, choose another", what)
		}
		if p.Value == nil || p.Value.Type() == ast.NullType {
			r.Bad(p.Line, "%s is empty", what)
			continue
		}
		r.Object(p.Value, what, strict.Fields{
			"subject": func(v ast.Node) { w.Subject = r.texts(v, what.At("subject")) },
			"text":    func(v ast.Node) { w.Text = r.texts(v, what.At("text")) },
		})
		if w.Subject == nil {
			r.lacks(p.Value, p.Line, what, "subject")
		}
		if w.Text == nil {
			r.lacks(p.Value, p.Line, what, "text")
		}
		out = append(out, w)
		r.notices = append(r.notices, p.Key)
	}
	return out
}

func (r *reader) signatures(n ast.Node, what strict.Phrase) *Signatures {
	s := &Signatures{}
	s.Line = r.Object(n, what, strict.Fields{
		"title": func(v ast.Node) { s.Title = r.texts(v, what.At("title")) },
		"law":   func(v ast.Node) { s.Law = r.law(v, what.At("law")) },
		"bands": func(v ast.Node) {
			r.Each(v, what.At("bands"), func(v ast.Node) { s.Bands = append(s.Bands, r.band(v, what.At("bands"))) })
		},
	})
	if s.Title == nil {
		r.Bad(s.Line, "%s has no title", what)
	}
	if len(s.Bands) == 0 {
		r.lacks(n, s.Line, what, "bands")
	}
	return s
}

func (r *reader) band(n ast.Node, what strict.Phrase) Band {
	var b Band
	share := false
	b.Line = r.Object(n, what, strict.Fields{
		"up_to":   func(v ast.Node) { b.UpTo = r.Number(v, what.At("up_to")) },
		"base":    func(v ast.Node) { b.Base = r.Number(v, what.At("base")) },
		"percent": func(v ast.Node) { b.Share, share = r.percent(v, what.At("percent")), true },
	})
	if !share {
		r.lacks(n, b.Line, what, "percent")
	}
	return b
}

// percent reads a percentage with at most two decimals as hundredths.
func (r *reader) percent(n ast.Node, what strict.Phrase) int {
	text := r.Text(n, what)
	v, err := strconv.ParseFloat(text, 64)
	hundredths := math.Round(v * 100)
	if err != nil || math.IsNaN(v) || v < 0 || v > 100 || math.Abs(v*100-hundredths) > 1e-6 {
		r.Bad(strict.Line(n), "%s: %q is no percentage: write it from 0 to 100, with at most two decimals", what, text)
		return 0
	}
	return int(hundredths)
}
