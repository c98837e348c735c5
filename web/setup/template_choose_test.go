package setup_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"arengo/fixtures"
	"arengo/process"
	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/civil"
)

// TestTemplateChoose shows every template that is delivered, those under a law
// apart from the light kits, with its legal basis and what is still to be
// confirmed.
func TestTemplateChoose(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	files, err := fs.Glob(fixtures.Files(), "templates/*.yaml")
	w.Must(err)
	for _, file := range files {
		source, err := fs.ReadFile(fixtures.Files(), file)
		w.Must(err)
		if !strings.HasSuffix(file, "area-path.yaml") { // the world has it already
			_, err = w.Core.Definitions().Add(file, source)
			w.Must(err)
		}
	}
	choose := w.lucia.Page("/gestione/nuovo")
	groups := map[string][]string{}
	for _, id := range []string{"statutory", "light"} {
		choose.Find("section[aria-labelledby=" + id + "] .ar-card h3").Each(func(_ int, s *goquery.Selection) {
			groups[id] = append(groups[id], strings.TrimSpace(s.Text()))
		})
		if len(groups[id]) != 8 || !slices.IsSorted(groups[id]) {
			t.Errorf("under %s stand %v, want 8 in order", id, groups[id])
		}
	}
	for title, want := range map[string]struct {
		reads  []string
		to     string
		chips  int // of what is to be confirmed, before the fold
		proven int
	}{
		"Percorso certificato, Emilia-Romagna": {[]string{"10 fasi, ", "più le fasi a data fissa", "L.R. Emilia-Romagna 15/2018, art. 17", "Fasi e fonti, 3 da verificare"}, "emilia-romagna", 0, 1},
		"Patto di collaborazione":              {[]string{"6 fasi, ", "Regolamento comunale sui beni comuni", "Fasi e fonti, 1 da verificare"}, "collaboration-pact", 1, 0},
		"Dibattito pubblico nazionale":         {[]string{"3 fasi, 180 giorni in tutto", "d.lgs. 36/2023, art. 40"}, "national-debate", 0, 1},
		"Questionario":                         {[]string{"3 fasi, 56 giorni in tutto", "Aperto tre o quattro settimane"}, "questionnaire-kit", 0, 0},
	} {
		card := choose.Find(".ar-card").FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.TrimSpace(s.Find("h3").Text()) == title })
		for _, text := range want.reads {
			if !strings.Contains(card.Text(), text) {
				t.Errorf("%s does not say %q: %q", title, text, card.Text())
			}
		}
		if got := card.Find("h3 a").AttrOr("href", ""); got != "/gestione/nuovo/percorso?modello="+want.to {
			t.Errorf("%s leads to %s", title, got)
		}
		basis := card.ChildrenFiltered("p")
		if tbc, all := basis.Find(".ar-chip--tbc").Length(), basis.Find(".ar-chip").Length(); tbc != want.chips || all-tbc != want.proven {
			t.Errorf("%s has %d sources to be confirmed and %d others, want %d and %d", title, tbc, all-tbc, want.chips, want.proven)
		}
	}
}

// TestStatutoryDates shows, beside each term of a law, its source, what it
// counts from and how it may be extended.
func TestStatutoryDates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"emilia-romagna", "tuscany-debate", "focus-group-kit"} {
		source, err := fixtures.Template(name)
		w.Must(err)
		_, err = w.Core.Definitions().Add(name, source)
		w.Must(err)
	}
	for template, want := range map[string]map[string][]string{
		"emilia-romagna": {
			"Progettazione":        {"Termine del modello: 45 giorni consigliati"},
			"Avvio formale":        {"finisce nel giorno scelto", "Legge Bando Partecipazione 2023"},
			"Proposta partecipata": {"Al massimo 180 giorni. Contati dall’inizio di “Condivisione”. Prorogabile, con un atto.", "Legge Bando", "Da verificare Bando Partecipazione 2017, Regione Emilia-Romagna, casi di proroga"},
			"Decisione":            {"Contati dall’inizio di “Relazione finale”.", "Da verificare L.R. Emilia-Romagna 15/2018"},
		},
		"tuscany-debate": {
			"Dibattito pubblico":       {"Al massimo 90 giorni. Una sola proroga, al massimo di 30 giorni.", "Legge L.R. Toscana 46/2013, art. 11, comma 1, lett. b"},
			"Decisione del proponente": {"Al massimo 90 giorni.", "Da verificare"},
		},
		"focus-group-kit": {
			"Incontri": {"da fissare: dipende dalla fine dell’ultima attività (Focus group)", "Contati dalla fine dell’ultima attività (Focus group)."},
		},
	} {
		made := w.lucia.Submit(w.lucia.Page("/gestione/nuovo/percorso?modello="+template), newProcess, "title", "Prova "+template)
		at := moved(w.lucia, made, "/gestione/prova-"+template+"/ente")
		if at.Code != http.StatusOK {
			t.Fatalf("%s: %d", template, at.Code)
		}
		rows := w.lucia.Page("/gestione/prova-" + template + "/date").Find("table tbody tr")
		if whole := rows.Find(".ar-nowrap").Text(); strings.Contains(whole, "fissare") || strings.Contains(whole, "dopo") {
			t.Errorf("%s: words of any length may not wrap: %q", template, whole)
		}
		for phase, texts := range want {
			row := rows.FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.HasSuffix(s.Find("th").Text(), ". "+phase) })
			read := strings.Join(strings.Fields(row.Text()), " ")
			for _, text := range texts {
				if !strings.Contains(read, text) {
					t.Errorf("%s, %s does not say %q: %q", template, phase, text, read)
				}
			}
		}
	}
}

// TestCallDates fills the dates of a call in: they are saved, the page says
// what is no date, and the phase that lasts until one shows its end.
func TestCallDates(t *testing.T) {
	t.Parallel()
	w := newWorld(t).shipped("tuscany-local")
	b := w.lucia
	if gaps := b.Page("/gestione/prova/pubblica").Find(".ar-gate").Text(); !strings.Contains(gaps, "Le date del bando") {
		t.Errorf("publication does not ask for the dates: %q", gaps)
	}
	form := "form[action*='/date/bando']"
	at := b.Page("/gestione/prova/date")
	choices := at.Find(form + " select[name='day.evaluation-day'] option")
	if n := at.Find(form + " select").Length(); n != 2 || !strings.Contains(at.Find(form).Text(), "Legge L.R. Toscana 46/2013, art. 14, comma 3") {
		t.Fatalf("%d dates are asked for: %q", n, at.Find(form).Text())
	}
	if got := choices.Eq(1).Text(); !regexp.MustCompile(`(31 gennaio|31 maggio|30 settembre) 20`).MatchString(got) || choices.Length() < 9 {
		t.Errorf("the days offered begin with %q, %d in all", got, choices.Length())
	}
	second := strings.Join(strings.Fields(at.Find("table tbody tr").Eq(2).Text()), " ")
	if !strings.Contains(second, "dopo “Valutazione” dipende da quando comincia") {
		t.Errorf("the phase behind one of unknown end: %s", second)
	}
	for typed, want := range map[string]string{"31 maggio": "non è una data", "2027-06-01": "Può cadere solo il 31 gennaio, 31 maggio o 30 settembre"} {
		for _, button := range [][]string{nil, {"@preview", "1"}} {
			bad := b.Submit(at, form, append(button, "day.evaluation-day", typed, "day.first-day", "2027-08-01")...)
			bad.Refused(http.StatusUnprocessableEntity, "day.evaluation-day")
			if text := bad.Find(".ar-errors").Text(); !strings.Contains(text, want) {
				t.Errorf("%s is refused with %q", typed, text)
			}
			for name, want := range map[string]string{"day.evaluation-day": typed, "day.first-day": "2027-08-01"} {
				if got := bad.Find(form+" select[name='"+name+"'] option[selected]").AttrOr("value", ""); got != want {
					t.Errorf("what was typed is lost: %q, want %q", got, want)
				}
			}
		}
	}
	look := b.Submit(at, form, "@preview", "1", "day.evaluation-day", "2027-05-31", "day.first-day", "2027-08-01").Is(http.StatusOK)
	read := strings.Join(strings.Fields(look.Find("#bando-cambia").Text()), " ")
	for _, text := range []string{"date: le salvi?", "31 maggio 2027", "Fine della fase “Valutazione”da fissarelunedì 31 maggio 2027", "Fine della fase “Ammissione definitiva”da fissaregiovedì 15 luglio 2027", "nessun messaggio è ancora partito"} {
		if !strings.Contains(read, text) {
			t.Errorf("the preview does not say %q: %s", text, read)
		}
	}
	if hint := at.Find(form).Text(); !strings.Contains(hint, "Deve venire dopo “Valutazione dell’Autorità”.") {
		t.Errorf("the form does not tell the order: %q", hint)
	}
	crossed := b.Submit(at, form, "@preview", "1", "day.evaluation-day", "2027-05-31", "day.first-day", "2027-04-01")
	crossed.Refused(http.StatusUnprocessableEntity, "day.first-day")
	if text := crossed.Find(".ar-errors").Text(); !strings.Contains(text, "“Primo giorno possibile” (1° aprile 2027) deve venire dopo “Valutazione dell’Autorità” (31 maggio 2027)") {
		t.Errorf("dates out of order: %q", text)
	}
	// The window of another call is lawful, and said at every place where it can still be changed.
	const slip = "“Primo giorno possibile” (1° dicembre 2027) forse non è il giorno che vuoi: il primo giorno ammesso dopo “Valutazione dell’Autorità” (31 maggio 2027) è domenica 1° agosto 2027"
	later := b.Submit(at, form, "@preview", "1", "day.evaluation-day", "2027-05-31", "day.first-day", "2027-12-01").Is(http.StatusOK)
	if text := later.Find("#bando-cambia").Text(); !strings.Contains(text, slip) || strings.Contains(read, "forse non è") {
		t.Errorf("a day of a later window: %q", text)
	}
	moved(b, b.Submit(later, "#bando-cambia form"), "/gestione/prova/date")
	for _, path := range []string{"/date", "/pubblica"} {
		if text := b.Page("/gestione/prova" + path).Find("main .ar-panel--late").Text(); !strings.Contains(text, slip) {
			t.Errorf("%s does not tell of a later window: %q", path, text)
		}
	}
	early := b.Submit(at, form, "@preview", "1", "day.evaluation-day", choices.Eq(1).AttrOr("value", "")).Is(http.StatusOK)
	if text := early.Find("#bando-cambia").Text(); !strings.Contains(text, "la fase non durerebbe nulla") || !strings.Contains(text, "Fine della fase “Ammissione definitiva”") {
		t.Errorf("a day before its phase: %q", text)
	}
	if kept := b.Page("/gestione/prova/date").Find("select[name='day.first-day'] option[selected]").AttrOr("value", ""); kept != "2027-12-01" {
		t.Fatalf("looking saved %q", kept)
	}
	saved := moved(b, b.Submit(look, "#bando-cambia form"), "/gestione/prova/date")
	if got := saved.Find("select[name='day.evaluation-day'] option[selected]").AttrOr("value", ""); got != "2027-05-31" {
		t.Errorf("saved %q", got)
	}
	if again := b.Submit(saved, form, "@preview", "1"); !strings.Contains(again.Find("#bando-cambia").Text(), "Non cambia nulla") {
		t.Errorf("the same again: %q", again.Find("#bando-cambia").Text())
	}
	if rows := saved.Find("table tbody tr"); !strings.Contains(rows.Eq(1).Text(), "31 mag 2027") || !strings.Contains(rows.Eq(2).Text(), "1 giu 2027") {
		t.Errorf("the evaluation ends %q, %q", rows.Eq(1).Text(), rows.Eq(2).Text())
	}
	if gaps := b.Page("/gestione/prova/pubblica").Find(".ar-gate").Text(); strings.Contains(gaps, "Le date del bando") {
		t.Errorf("publication still asks for the dates: %q", gaps)
	}
}

// TestSignaturesAreCounted asks the page of the population how many signatures
// so many residents need, in every band of the law.
func TestSignaturesAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t).shipped("tuscany-local")
	b := w.lucia
	at := "/gestione/prova/popolazione"
	for residents, want := range map[string]string{
		"900": "Servono 45 firme (residenti: 900)", "1.001": "Servono 51 firme", "12000": "Servono 310 firme (residenti: 12.000)",
		"30000": "Servono 520 firme", "53 900": "Servono 640 firme", "1": "Serve 1 firma",
	} {
		got := b.Page(at + "?residenti=" + url.QueryEscape(residents)).Find("section[aria-labelledby=firme]").Text()
		if !strings.Contains(got, want) || !strings.Contains(got, "Da verificare") {
			t.Errorf("%s: %q, want %q", residents, got, want)
		}
	}
	if got := b.Page(at).Find("#residenti").AttrOr("value", ""); got == "" || got == "0" {
		t.Errorf("the population is not proposed: %q", got)
	}
	for _, typed := range []string{"molti", "12,5", "0"} {
		refused := b.Get(at + "?residenti=" + url.QueryEscape(typed))
		if refused.Code != http.StatusUnprocessableEntity || refused.Find("#residenti-e").Length() != 1 {
			t.Errorf("%s for a number: %d", typed, refused.Code)
		}
	}
	if w.lucia.Page("/gestione/"+w.draft().Slug+"/popolazione").Find("#firme").Length() != 0 {
		t.Error("a template without thresholds counts signatures")
	}
}

// begun is a process in preparation that lucia sets up by a definition.
func (w *world) begun(name string, source []byte) *world {
	w.T.Helper()
	_, err := w.Core.Definitions().Add(name, source)
	w.Must(err)
	w.lucia.Submit(w.lucia.Page("/gestione/nuovo/percorso?modello="+name), newProcess, "title", "Prova")
	var id process.ID
	w.Must(w.DB.NewRaw(`SELECT id FROM process WHERE slug = 'prova'`).Scan(w.T.Context(), &id))
	w.Process, err = w.Core.LoadProcess(w.T.Context(), w.DB, id)
	w.Must(err)
	return w
}

// shipped is begun by a template of the program.
func (w *world) shipped(name string) *world {
	w.T.Helper()
	source, err := fixtures.Template(name)
	w.Must(err)
	return w.begun(name, source)
}

// workDays is a path whose second phase is counted in working days.
const workDays = `
workflow: work-days
version: 1
title: {it: Giorni lavorativi, en: Working days}
timezone: Europe/Rome
calendar: italy
roles: [promoter, facilitator]
initial: first
states:
  first: {title: {it: Prima, en: First}, term: {length: 10d}, allows: [edit]}
  second: {title: {it: Seconda, en: Second}, term: {length: 20wd, min: 5wd, max: 30wd}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: go, event: go, from: [first], to: second, by: [promoter], title: {it: Avanti, en: Go on}}
  - {id: end, event: end, from: [second], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// The days of phases that a process has of its own are not a template's.
func TestTermsOfOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	row := func(slug string) string {
		return strings.Join(strings.Fields(w.lucia.Page("/gestione/"+slug+"/date").Find("table tbody tr").First().Text()), " ")
	}
	w.begun("work-days", []byte(workDays))
	if got := row("prova"); !strings.Contains(got, "Termine del modello: 10 giorni consigliati") {
		t.Errorf("of a template: %s", got)
	}
	w.begun("work-days-p7", []byte(strings.Replace(workDays, "workflow: work-days", "workflow: work-days-p7", 1)))
	if got := row("prova-2"); !strings.Contains(got, "Termine di questo percorso: 10 giorni") || strings.Contains(got, "consigliati") {
		t.Errorf("of one's own: %s", got)
	}
}

// A length in working days is said as such and kept when the lengths in days
// around it change.
func TestWorkingDaysStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun("work-days", []byte(workDays))
	b := w.lucia
	row := b.Page("/gestione/prova/date").Find("table tbody tr").Eq(1)
	if row.Find("input").Length() != 0 {
		t.Error("a field would turn working days into civil ones")
	}
	read := strings.Join(strings.Fields(row.Text()), " ")
	for _, text := range []string{"20 giorni lavorativi", "Almeno 5 giorni lavorativi, al massimo 30 giorni lavorativi.", "pagina delle fasi"} {
		if !strings.Contains(read, text) {
			t.Errorf("the page does not say %q: %s", text, read)
		}
	}
	start := civil.DateOf(*w.Process.StartsOn, time.UTC)
	w.Must(w.Core.SetDates(t.Context(), w.Process.ID, w.Promoter, process.Dates{Revision: w.Process.Revision, Start: start, Days: map[string]int{"first": 15}}))
	plan, err := w.Core.Engine().Plan(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	def, _, err := w.Core.Definition(t.Context(), w.DB, w.Process)
	w.Must(err)
	if want := (civil.Span{WorkDays: 20}).After(plan[1].Start, def.Civil()); plan[1].Days != 0 || !plan[1].End.Equal(want) {
		t.Errorf("the second phase ends %s, want %s", plan[1].End, want)
	}
}

// A phase counted in hours or minutes ends at a time of its own, and the page of the
// dates says which and how often it is extended.
func TestHoursAreSaidAsSuch(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun("work-days", []byte(strings.Replace(workDays, "length: 20wd, min: 5wd, max: 30wd}, allows: [edit]", "length: 90m, min: 10m, extend: {max: 10m, times: 3}}, allows: [edit, extend]", 1)))
	main := strings.Join(strings.Fields(w.lucia.Page("/gestione/prova/date").Find("main").Text()), " ")
	for _, text := range []string{
		"90 minuti", "Almeno 10 minuti.", "Si conta in minuti", "Prorogabile 3 volte, al massimo di 10 minuti.", ", 01:30", "in ore o minuti all’ora scritta",
	} {
		if !strings.Contains(main, text) {
			t.Errorf("the page does not say %q: %s", text, main)
		}
	}
}

// Whoever is asked for signatures is led to their count, from the list of
// documents and from the document.
func TestSignaturesAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t).shipped("tuscany-local")
	b := w.lucia
	const count = "main a[href='/gestione/prova/popolazione#firme']"
	for path, want := range map[string]int{"/documenti": 1, "/documenti/signatures": 1, "/documenti/application": 0} {
		if n := b.Page("/gestione/prova" + path).Find(count).Length(); n != want {
			t.Errorf("%s: %d links to the count, want %d", path, n, want)
		}
	}
	// A step behind that lacks something is not one to come.
	track := strings.Join(strings.Fields(b.Page("/gestione/prova/date").Find(".ar-track").Text()), " ")
	if !strings.Contains(track, "Il percorso, da completare") || !strings.Contains(track, "Pubblica, da venire") {
		t.Errorf("the steps: %s", track)
	}
}

// call is a path whose first phase ends with a date of the call.
const call = `
workflow: call
version: 1
title: {it: Bando, en: Call}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: first
dates: [{code: last-day, title: {it: Ultimo giorno, en: Last day}}]
states:
  first: {title: {it: Prima, en: First}, term: {until: "date:last-day"}, allows: [edit], reminders: [{before: 2d, at: "09:00", to: promoter}]}
  second: {title: {it: Seconda, en: Second}, term: {length: 10d}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: go, event: go, from: [first], to: second, by: [promoter], title: {it: Avanti, en: Go on}}
  - {id: end, event: end, from: [second], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// A date that is given while the process is public moves a term that runs: its end,
// its reminders and the phases behind are listed before it is kept, for good.
func TestCallDateOfAPublicProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun("call", []byte(call))
	b := w.lucia
	w.Publish()
	day := civil.DateOf(w.Start, w.Process.Location()).Add(40)
	words := page.Words{Lang: "it", Zone: w.Process.Location(), Now: w.Start}
	date := func(n int) string { return words.Date(day.Add(n).Start(w.Process.Location())) }
	form := "form[action*='/date/bando']"
	look := b.Submit(b.Page("/gestione/prova/date"), form, "@preview", "1", "day.last-day", day.String()).Is(http.StatusOK)
	read := strings.Join(strings.Fields(look.Find("#bando-cambia").Text()), " ")
	for _, text := range []string{
		"Ultimo giornoda fissare" + date(0), "Fine della fase “Prima”da fissare" + date(0), "Fine della fase “Seconda”da fissare" + date(10),
		"–" + date(-2) + " alle 09:00", "una data salvata non si cambia più", "Perché la scrivi", "nel registro con il ruolo",
	} {
		if !strings.Contains(read, text) {
			t.Errorf("the preview does not say %q: %s", text, read)
		}
	}
	gone := b.Submit(b.Page("/gestione/prova/date"), form, "@preview", "1", "day.last-day", day.Add(-41).String()).Find("#bando-cambia").Text()
	if !strings.Contains(gone, "è già passato.") || !strings.Contains(gone, "arriva subito") || strings.Contains(read, "arriva subito") {
		t.Errorf("what comes at once: %q", gone)
	}
	saved := moved(b, b.Submit(look, "#bando-cambia form", "reason", "Protocollo 12"), "/gestione/prova/date")
	log, err := w.Core.Engine().Log(t.Context(), w.DB, int64(w.Process.ID), 0, 0)
	w.Must(err)
	if !slices.ContainsFunc(log, func(e workflow.LogEntry) bool { return len(workflow.DatesOf(e)) == 1 && e.Reason == "Protocollo 12" }) {
		t.Errorf("the log keeps no date: %+v", log)
	}
	if text := saved.Find(form).Text(); saved.Find(form+" input[type=date]").Length() != 0 || !strings.Contains(text, date(0)) {
		t.Errorf("what was kept can be written again: %q", text)
	}
	again := b.Submit(look, "#bando-cambia form", "day.last-day", day.Add(1).String()).Is(http.StatusConflict)
	if text := again.Find(".ar-errors").Text(); !strings.Contains(text, "le date non si riscrivono più") {
		t.Errorf("another day for a promise: %q", text)
	}
	if text := b.Page("/gestione/prova/date").Find(form).Text(); !strings.Contains(text, date(0)) {
		t.Errorf("a promise moved: %q", text)
	}
	w.Must(w.Advance(process.Activity{}, "go", ""))
	over := b.Page("/gestione/prova/date")
	first := over.Find("table tbody tr").First()
	if text := first.Text(); strings.Contains(text, words.Short(day.Start(w.Process.Location()))) {
		t.Errorf("a phase that is over lasts until its date: %q", strings.Join(strings.Fields(text), " "))
	}
	if days := first.Find("td[data-label=Giorni]").Text(); days != "1" {
		t.Errorf("a phase that was over on the day on which it began lasted %q days", days)
	}
	if h1 := over.Find("h1").Text(); !strings.HasPrefix(h1, "Le date di") {
		t.Errorf("what has begun is asked when it begins: %q", h1)
	}
}

// A day that had gone by before its phase began is asked again, of a public process too.
func TestCallDateThatWasMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t).begun("call", []byte(call))
	b := w.lucia
	w.Publish()
	day := civil.DateOf(w.Start, w.Process.Location())
	form := "form[action*='/date/bando']"
	for _, n := range []int{-41, 40} {
		look := b.Submit(b.Page("/gestione/prova/date"), form, "@preview", "1", "day.last-day", day.Add(n).String()).Is(http.StatusOK)
		saved := moved(b, b.Submit(look, "#bando-cambia form", "reason", "Protocollo 12"), "/gestione/prova/date")
		if again := saved.Find(form+" input[type=date]").Length() == 1; again != (n < 0) {
			t.Errorf("%d days on it can be written again: %t", n, again)
		}
		if told := strings.Contains(saved.Find("table tbody tr").First().Text(), "era già passato"); told != (n < 0) {
			t.Errorf("%d days on its row says that it was missed: %t", n, told)
		}
	}
}
