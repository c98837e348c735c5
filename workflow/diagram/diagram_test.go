package diagram_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/diagram"
)

// shipped compiles every definition that the program ships.
func shipped(t *testing.T) map[string]*definition.Compiled {
	t.Helper()
	out := map[string]*definition.Compiled{}
	for _, pattern := range []string{"fixtures/templates/*.yaml", "process/*/workflow.yaml"} {
		files, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, problems := definition.Check(file, source, nil)
			if problems != nil {
				t.Fatal(problems)
			}
			out[c.Name] = c
		}
	}
	out["consultation"] = sample(t, "consultation")
	if len(out) < 7 {
		t.Fatalf("only %d definitions found", len(out))
	}
	return out
}

// sample compiles a definition of the language's own tests, which no template
// changes.
func sample(t *testing.T, name string) *definition.Compiled {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "definition", "testdata", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c, problems := definition.Check(name+".yaml", source, nil)
	if problems != nil {
		t.Fatal(problems)
	}
	return c
}

// element is a leaf of a drawing.
type element struct {
	name, text string
	attr       map[string]string
}

func (e element) number(t testing.TB, name string) int {
	t.Helper()
	n, err := strconv.Atoi(e.attr[name])
	if err != nil {
		t.Fatalf("%s of %v: %v", name, e, err)
	}
	return n
}

// parse reads a drawing strictly, as XML.
func parse(t testing.TB, svg string) []element {
	t.Helper()
	var out []element
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("the drawing is no XML: %v\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			out = append(out, e)
		case xml.CharData:
			out[len(out)-1].text += string(token)
		}
	}
}

// sound checks what every drawing keeps: nothing inline, every text within the
// drawing and within its box, no two texts and no two boxes over each other.
func sound(t testing.TB, svg string) {
	t.Helper()
	var width, height int
	type area struct{ left, top, right, bottom int }
	var texts, boxes []area
	meets := func(a, b area) bool {
		return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
	}
	for _, e := range parse(t, svg) {
		if e.attr["style"] != "" || e.name == "style" || e.name == "script" {
			t.Fatalf("inline style or script: %v", e)
		}
		switch e.name {
		case "svg":
			if _, err := fmt.Sscanf(e.attr["viewBox"], "0 0 %d %d", &width, &height); err != nil {
				t.Fatal(err)
			}
		case "rect":
			if e.attr["x"] != "" && e.attr["fill"] != "none" {
				x, y := e.number(t, "x"), e.number(t, "y")
				boxes = append(boxes, area{x, y, x + e.number(t, "width"), y + e.number(t, "height")})
			}
		case "text":
			x, y := e.number(t, "x"), e.number(t, "y")
			texts = append(texts, area{x, y - 15, x + diagram.Measure(e.text), y + 5})
		}
	}
	for i, a := range texts {
		if a.left < 0 || a.right > width || a.bottom > height {
			t.Fatalf("text %d leaves the drawing: %v in %d×%d\n%s", i, a, width, height, svg)
		}
		for _, b := range texts[:i] {
			if meets(a, b) {
				t.Fatalf("two texts overlap: %v and %v\n%s", a, b, svg)
			}
		}
		for _, b := range boxes {
			if meets(a, b) && (a.left < b.left || a.right > b.right || a.top < b.top || a.bottom > b.bottom) {
				t.Fatalf("text %v overflows its box %v\n%s", a, b, svg)
			}
		}
	}
	for i, a := range boxes {
		for _, b := range boxes[:i] {
			if meets(a, b) {
				t.Fatalf("two boxes overlap: %v and %v\n%s", a, b, svg)
			}
		}
	}
}

func TestEveryShippedDefinitionIsDrawn(t *testing.T) {
	t.Parallel()
	for name, c := range shipped(t) {
		for _, lang := range definition.Locales {
			t.Run(name+" "+lang, func(t *testing.T) {
				t.Parallel()
				for _, s := range c.States {
					at := diagram.Place{Current: s.Name, Visited: []string{c.Initial}}
					svg := diagram.SVG(c, lang, at)
					sound(t, svg)
					if svg != diagram.SVG(c, lang, at) {
						t.Error("two drawings of the same differ")
					}
				}
				text := diagram.Text(c, lang)
				arrows := 1 // from the start
				for _, s := range c.States {
					if !strings.Contains(text, s.Title.In(lang)+" ("+s.Name) {
						t.Errorf("state %s is missing", s.Name)
					}
					if s.Final {
						arrows++
					}
				}
				for _, tr := range c.Transitions {
					arrows += len(tr.From)
					if !strings.Contains(text, ": "+c.Label(tr).In(lang)+" (") {
						t.Errorf("transition %s is missing", tr.ID)
					}
				}
				if n := strings.Count(diagram.Mermaid(c, lang), " --> "); n != arrows {
					t.Errorf("%d arrows in Mermaid, want %d", n, arrows)
				}
			})
		}
	}
}

// words joins the texts of a drawing.
func words(t testing.TB, svg string) string {
	t.Helper()
	var out []string
	for _, e := range parse(t, svg) {
		if e.name == "text" {
			out = append(out, e.text)
		}
	}
	return strings.Join(out, " ")
}

func TestSVGMarksWhereItStands(t *testing.T) {
	t.Parallel()
	c := sample(t, "area-path")
	bare := diagram.SVG(c, "it", diagram.Place{})
	svg := diagram.SVG(c, "it", diagram.Place{Current: "analysis", Visited: []string{"preparation", "exploration"}, ID: "flusso"})
	if said := words(t, svg); strings.Count(said, "Adesso") != 1 || strings.Count(said, "Conclusa") != 2 || !strings.Contains(said, "3. Analisi Adesso · 45 giorni") {
		t.Errorf("the words of the place are missing: %s", said)
	}
	if said := words(t, bare); strings.Contains(said, "Adesso") || strings.Contains(said, "Conclusa") {
		t.Errorf("a bare drawing stands nowhere, but says %s", said)
	}
	planned := diagram.SVG(c, "it", diagram.Place{Current: "analysis", Planned: true})
	if said := words(t, planned); !strings.Contains(said, "3. Analisi Adesso Passa") || strings.Contains(said, "giorni") {
		t.Errorf("terms of the definition beside dates of a plan: %s", said)
	}
	if strings.Count(svg, `stroke-width="4"`) != 1 || strings.Count(bare, `stroke-width="4"`) != 0 {
		t.Error("the present state has no edge of its own")
	}
	for _, want := range []string{`role="img"`, `aria-labelledby="flusso-t"`, `<title id="flusso-t">Percorso d&#39;area: schema</title>`, `<desc id="flusso-d">Preparazione, poi Esplorazione, poi`, "Adesso: Analisi."} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in the drawing", want)
		}
	}
}

func TestSVGDrawsWhatLeavesEveryStateOnce(t *testing.T) {
	t.Parallel()
	said := words(t, diagram.SVG(sample(t, "area-path"), "it", diagram.Place{}))
	if strings.Count(said, "Annulla il percorso") != 1 || !strings.Contains(said, "Altre conclusioni In qualunque momento: Annulla il percorso Annullato") {
		t.Errorf("the way out of every state: %s", said)
	}
}

func TestSVGMarksDeadlines(t *testing.T) {
	t.Parallel()
	all := shipped(t)
	clocks := func(svg string) int { return strings.Count(svg, `r="7"`) }
	// One transition of the area path is by timer, and there is the legend.
	if n := clocks(diagram.SVG(sample(t, "area-path"), "en", diagram.Place{})); n != 2 {
		t.Errorf("%d clocks in the area path", n)
	}
	if n := clocks(diagram.SVG(all["codesign"], "en", diagram.Place{})); n != 4 {
		t.Errorf("%d clocks in the co-design lab", n)
	}
}

func TestMermaid(t *testing.T) {
	t.Parallel()
	got := diagram.Mermaid(sample(t, "area-path"), "en")
	want := `stateDiagram-v2
    direction TB
    state "Preparation" as s_preparation
    state "Exploration" as s_exploration
    state "Analysis" as s_analysis
    state "Public meeting" as s_governance
    state "Co-design" as s_codesign
    state "Final report" as s_report
    state "Closed" as s_closed
    state "Cancelled" as s_cancelled
    state "At any time" as anytime
    [*] --> s_preparation
    s_preparation --> s_exploration : Open the process
    s_exploration --> s_analysis : ⏱ Move to the analysis
    s_analysis --> s_governance : Move to the public meeting
    s_governance --> s_codesign : Move to co-design
    s_codesign --> s_report : Move to the final report
    s_report --> s_closed : Close the process
    anytime --> s_cancelled : Cancel the process
    s_closed --> [*]
    s_cancelled --> [*]
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	got := diagram.Text(sample(t, "area-path"), "it")
	for _, want := range []string{
		"Percorso d'area (area-path, versione ", "festività italiane)\n\n1. Preparazione (preparation)\n",
		"   Durata: 30 giorni, almeno 21 giorni, al massimo 60 giorni\n",
		"   - 7 giorni prima della fine, alle 09:00: avviso per facilitatore\n",
		"   - 3 giorni dopo la fine: se nulla accade, avviso per promotore\n",
		"   - Alla scadenza: da sé, Passa all'analisi\n   → Analisi: Passa all'analisi (facilitatore o da sé alla scadenza)\n     serve: Il questionario deve restare aperto almeno 21 giorni\n",
		"\n7. Concluso (closed, fine)\n", "\nIn qualunque momento\n   → Annullato: Annulla il percorso (promotore), con una motivazione\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestTextSaysEveryKey(t *testing.T) {
	t.Parallel()
	got := diagram.Text(sample(t, "consultation"), "it")
	for _, want := range []string{
		"   Fonte: art. 1, L.R. 1/2020\n   Date da scegliere:\n   - Apertura del bando (obbligatoria) [art. 2, L.R. 1/2020, da verificare]\n",
		"   - Chiusura del bando: 31 marzo o 30 settembre, dopo la data «Apertura del bando»\n",
		"   Durata: fino alla data «Apertura del bando»\n   Fonte della fase: art. 2, L.R. 1/2020, da verificare\n",
		"   - 5 giorni lavorativi prima della data «Apertura del bando»: avviso per promotore, amministratore\n",
		"   - Avvio, il 2026-03-30: da sé, Apri\n",
		"30 giorni, contati dalla data «Apertura del bando», almeno 20 giorni, al massimo 60 giorni, una sospensione non ne sposta la fine, una fine in giorno festivo",
		"   Proroga: al massimo 30 giorni, una volta, con un atto allegato [art. 4, L.R. 1/2020, da verificare]\n",
		"   - Integrazioni, 15 giorni dopo l’inizio: da sé, Preparazione [art. 5, L.R. 1/2020, da verificare]\n",
		"   - Rendiconto, 30 giorni dopo l’inizio di «Preparazione»: avviso per promotore\n",
		"   - Sollecito, 5 giorni lavorativi prima della fine: se nulla accade, avviso per facilitatore, promotore, amministratore\n",
		"   - Lettura, 2 giorni dopo la fine delle attività (questionari): se nulla accade, avviso per esperto\n",
		"     serve: Ha risposto meno di una persona su cinque in … giorni\n     serve: La fase deve durare almeno 20 giorni (art. 3)\n",
		"   → Decisione: Decisione (promotore), riapre, con una motivazione\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// Every word of the language has words in the drawings.
func TestEveryWordIsSaid(t *testing.T) {
	t.Parallel()
	said := slices.Concat(definition.Roles, definition.Audiences, definition.Actors)
	for _, anchor := range definition.Anchors {
		for _, side := range []string{"until", "before", "after", "on", "from"} {
			said = append(said, side+"."+strings.TrimSuffix(anchor, ":"))
		}
	}
	for _, name := range civil.Calendars {
		said = append(said, "calendar."+name)
	}
	if len(said) < 50 {
		t.Fatalf("only %d words", len(said))
	}
	for _, word := range said {
		pair := diagram.Words[word]
		if role, ok := definition.RoleWords[word]; ok {
			pair = [2]string{role["it"], role["en"]}
		}
		if pair[0] == "" || pair[1] == "" {
			t.Errorf("no words for %q", word)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	steps, anytime := diagram.List(shipped(t)["codesign"], "it")
	if len(steps) != 6 || len(anytime) != 0 {
		t.Fatalf("%d steps, %d ways out of all", len(steps), len(anytime))
	}
	running := steps[2]
	if running.Number != 3 || running.Term != "fino alla fine dell’incontro" || len(running.Moves) != 2 {
		t.Fatalf("%+v", running)
	}
	if m := running.Moves[0]; m.To != "Voto in corso" || !m.Timer || m.Who != "promotore, facilitatore o da sé alla scadenza" {
		t.Errorf("%+v", m)
	}
	if last := steps[5]; last.State != "cancelled" || !last.Final || last.Number != 0 {
		t.Errorf("%+v", last)
	}
}

// What an author writes in a title breaks neither the drawing nor Mermaid.
func TestHostileTitles(t *testing.T) {
	t.Parallel()
	const title = `<b>"A" & B: c; #1 100% </title>`
	source, err := os.ReadFile(filepath.Join("..", "definition", "testdata", "area-path.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	from := "title: {it: Analisi, en: Analysis}"
	if !strings.Contains(string(source), from) {
		t.Fatal("the template has no such title")
	}
	text := strings.Replace(string(source), from, fmt.Sprintf("title: {it: '%s', en: '%s'}", title, title), 1)
	c, problems := definition.Check("hostile.yaml", []byte(text), nil)
	if problems != nil {
		t.Fatal(problems)
	}
	svg := diagram.SVG(c, "it", diagram.Place{ID: `a"><b>`, Current: "analysis"})
	sound(t, svg)
	if said := strings.ReplaceAll(words(t, svg), " ", ""); !strings.Contains(said, strings.ReplaceAll(title, " ", "")) {
		t.Errorf("the title is not drawn: %s", said)
	}
	want := `    state "#lt;b#gt;#quot;A#quot; & B#58; c#59; #35;1 100#37; #lt;/title#gt;" as s_analysis` + "\n"
	if got := diagram.Mermaid(c, "it"); !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}

func TestWrapKeepsEveryLetter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`[a-zA-ZàèìòùÀ’ ,.;MW0-9漢]{0,80}`).Draw(r, "text")
		width := rapid.IntRange(40, 300).Draw(r, "width")
		lines := diagram.Wrap(text, width)
		if bare := func(s string) string { return strings.Join(strings.Fields(s), "") }; bare(strings.Join(lines, "")) != bare(text) {
			r.Fatalf("%q became %q", text, lines)
		}
		for _, line := range lines {
			if diagram.Measure(line) > width {
				r.Fatalf("%q is wider than %d", line, width)
			}
		}
	})
}

// anything draws a definition with long titles, detours, ways back and several
// ends.
var anything = rapid.Custom(func(r *rapid.T) string {
	title := rapid.StringMatching(`[A-Z][a-zà]{0,30}( [a-zA-Zè’]{1,25}){0,6}`)
	say := func(name string) string {
		return fmt.Sprintf("{it: %q, en: %q}", title.Draw(r, name), title.Draw(r, name+" en"))
	}
	n, ends := rapid.IntRange(1, 7).Draw(r, "states"), rapid.IntRange(1, 3).Draw(r, "ends")
	var states, transitions strings.Builder
	for i := range n {
		fmt.Fprintf(&states, "  s%d:\n    title: %s\n    term: {length: %dd}\n", i, say("title"), 1+i)
	}
	for i := range ends {
		fmt.Fprintf(&states, "  e%d: {title: %s, final: true}\n", i, say("end"))
	}
	count := 0
	arrow := func(from, to string) {
		count++
		fmt.Fprintf(&transitions, "  - {id: t%d, event: t%d, from: [%s], to: %s, by: [promoter], title: %s}\n", count, count, from, to, say("label"))
	}
	for i := 1; i < n; i++ {
		arrow(fmt.Sprintf("s%d", i-1), fmt.Sprintf("s%d", i))
	}
	for i := range ends {
		arrow(fmt.Sprintf("s%d", n-1), fmt.Sprintf("e%d", i))
	}
	for range rapid.IntRange(0, 8).Draw(r, "more") {
		from, to := rapid.IntRange(-1, n-1).Draw(r, "from"), rapid.IntRange(0, n+ends-1).Draw(r, "to")
		source, target := fmt.Sprintf("s%d", from), fmt.Sprintf("s%d", to)
		if from < 0 {
			source = `"*"`
		}
		if to >= n {
			target = fmt.Sprintf("e%d", to-n)
		}
		arrow(source, target)
	}
	return fmt.Sprintf("workflow: any\nversion: 1\ntitle: %s\ntimezone: Europe/Rome\nroles: [promoter]\ninitial: s0\nstates:\n%stransitions:\n%s", say("name"), states.String(), transitions.String())
})

func TestAnyDefinitionIsDrawnSoundly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		source := anything.Draw(r, "definition")
		c, problems := definition.Check("any.yaml", []byte(source), nil)
		if problems != nil {
			r.Fatalf("%v\n%s", problems, source)
		}
		svg := diagram.SVG(c, "it", diagram.Place{Current: "s0"})
		sound(t, svg)
		said := strings.ReplaceAll(words(t, svg), " ", "")
		for _, tr := range c.Transitions {
			if !strings.Contains(said, strings.ReplaceAll(tr.Title.In("it"), " ", "")) {
				r.Fatalf("transition %s is not drawn: %s", tr.ID, said)
			}
		}
	})
}
