package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/cockpit/cockpittest"
	"arengo/process/meeting"
	"arengo/process/seat"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow/civil"
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	for _, c := range []struct {
		who    string
		actor  process.Actor
		path   string
		status int
	}{
		{"visitor", process.Actor{}, "/oggi", http.StatusSeeOther},
		{"visitor", process.Actor{}, s.home(), http.StatusSeeOther},
		{"stranger", s.Stranger, "/oggi", http.StatusForbidden},
		{"stranger", s.Stranger, s.home(), http.StatusForbidden},
		{"stranger", s.Stranger, s.home() + "/esiti", http.StatusForbidden},
		{"editor", s.Editor, "/gestione", http.StatusOK},
		{"editor", s.Editor, s.home(), http.StatusOK},
		{"editor", s.Editor, s.home() + "/esiti", http.StatusOK},
		{"facilitator", s.Facilitator, s.home(), http.StatusOK},
		{"promoter", s.Promoter, "/oggi", http.StatusOK},
		{"promoter", s.Promoter, "/gestione/no-such-process", http.StatusNotFound},
	} {
		if w := s.as(c.actor).Get(c.path); w.Code != c.status {
			t.Errorf("%s at %s: %d instead of %d", c.who, c.path, w.Code, c.status)
		}
	}
	for path, status := range map[string]int{"/avanza": http.StatusConflict, "/proroga": http.StatusForbidden} {
		if w := s.send(s.Editor, s.home()+path, url.Values{"transition": {"analyse"}}); w.Code != status {
			t.Errorf("an editor posts to %s: %d", path, w.Code)
		}
	}
	if s.state() != "listening" {
		t.Error("something moved")
	}
}

func TestTodayShowsWhatToDoFirst(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"it", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.lang = lang
			s.Publish()
			doc := s.get(s.Facilitator, "/oggi")
			if doc.Find(".ar-day.is-next .ar-task").Length() != 1 || doc.Find(".ar-count").Length() != 0 {
				t.Error("the empty cockpit does not say what comes next")
			}
			s.At(noon(15))
			doc = s.get(s.Facilitator, "/oggi")
			button := doc.Find(".ar-day.is-next .ar-task a.btn")
			if button.AttrOr("href", "") != s.home()+"#proroga" || doc.Find(".ar-count").First().Contents().First().Text() != "1" {
				t.Errorf("%q, %q", button.AttrOr("href", ""), doc.Find(".ar-count").Text())
			}
			s.At(noon(25)) // the guard stopped the timer
			doc = s.get(s.Facilitator, "/oggi")
			late := doc.Find(".ar-day.is-late .ar-task")
			if late.Length() != 1 || late.Find("a.btn-primary").AttrOr("href", "") != s.home()+"/documenti/project-sheet" {
				t.Errorf("%s", late.Text())
			}
			if doc.Find(".ar-track--mini li").Length() != 2 {
				t.Error("my processes are missing")
			}
			doc = s.get(s.Promoter, "/gestione")
			if doc.Find(".ar-card").Length() != 1 || doc.Find(`a[href="/gestione/nuovo"].btn`).Length() != 1 {
				t.Error("the list of processes is not whole")
			}
			if s.get(s.Editor, "/gestione").Find(`a[href="/gestione/nuovo"].btn`).Length() != 0 {
				t.Error("an editor is offered a new process")
			}
		})
	}
}

// An administrator comes to the pages of every organisation that leads a
// process; who only facilitates comes to none.
func TestTheOrganisationsOfAnAdministrator(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var owner string
	s.Must(s.DB.NewRaw(`SELECT public_id FROM organisation WHERE id = ?`, s.Org).Scan(t.Context(), &owner))
	admin := s.Actor("amministra@example.org", "Ada Rossi")
	admin.Administrator = true
	_, err := s.DB.NewRaw(`UPDATE person SET administrator = true WHERE id = ?`, admin.Person).Exec(t.Context())
	s.Must(err)
	link := `#programmi ~ ul a[href="/gestione/ente/` + owner + `"]`
	for name, c := range map[string]struct {
		who  process.Actor
		want int
	}{"Administrator": {admin, 1}, "Facilitator": {s.Facilitator, 0}} {
		if got := s.get(c.who, "/gestione").Find(link).Length(); got != c.want {
			t.Errorf("%s: %d links, want %d", name, got, c.want)
		}
	}
	if s.get(s.Facilitator, s.home()).Find(`a[href="`+s.home()+`/assenza"]`).Length() != 1 {
		t.Error("nothing leads the facilitator to their absence")
	}
}

// An address that is told no more is a task of who promotes its organisation,
// in words and in the header's count.
func TestStoppedProgram(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, err := s.DB.NewRaw(`INSERT INTO webhook (organisation_id, public_id, created_by, url, events, created_at, paused_at, paused_why)
		VALUES (?, 'w1', ?, 'https://dati.example.org/x', '{process.transition}', now(), ?, 'failing')`, s.Org, s.Promoter.Person, noon(1)).Exec(t.Context())
	s.Must(err)
	for lang, want := range map[string]string{"it": "1 programma fermo", "en": "1 program stopped"} {
		s.lang = lang
		doc := s.get(s.Promoter, "/oggi")
		task := doc.Find("#giorno-programmi").Closest("section, .ar-day").Find(".ar-task")
		if task.Length() != 1 || !strings.Contains(task.Text(), "dati.example.org") || !strings.HasSuffix(task.Find("a.btn").AttrOr("href", ""), "/webhook/w1") {
			t.Errorf("%s: %s", lang, task.Text())
		}
		if why := map[string]string{"it": "l’indirizzo non risponde", "en": "the address does not answer"}[lang]; !strings.Contains(task.Text(), why) {
			t.Errorf("%s: why it stopped: %s", lang, task.Text())
		}
		if text := doc.Find("main").Text(); !strings.Contains(text, want) {
			t.Errorf("%s: the summary does not say it: %s", lang, text)
		}
		if s.get(s.Facilitator, "/oggi").Find("#giorno-programmi").Length() != 0 {
			t.Errorf("%s: a task of somebody who cannot do it", lang)
		}
	}
	s.Exec(`UPDATE webhook SET paused_why = 'gone'`)
	s.lang = "it"
	if task := s.get(s.Promoter, "/oggi").Find(".ar-task:contains('dati.example.org')").Text(); !strings.Contains(task, "ha risposto di non mandare più nulla") {
		t.Errorf("an address that is gone: %s", task)
	}
}

// A deadline that the program cannot carry out is a task of those who may have it
// tried again, of administrators in every process, and goes once it is mended.
func TestDeadlineAside(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.Write("project-sheet", false)
	s.Exec(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$;
		CREATE TRIGGER fail BEFORE INSERT ON transition_log FOR EACH ROW EXECUTE FUNCTION fail()`)
	at := time.Date(2026, time.March, 29, 22, 1, 0, 0, time.UTC)
	for range 5 {
		s.At(at)
		at = at.Add(5 * time.Minute)
	}
	admin := s.Actor("ada@example.org", "Ada")
	admin.Administrator = true
	s.Exec(`UPDATE person SET administrator = true WHERE id = ?`, admin.Person)
	for lang, want := range map[string]string{"it": "1 scadenza che non riesce a partire", "en": "1 deadline that cannot be carried out"} {
		s.lang = lang
		for _, who := range []process.Actor{s.Promoter, s.Facilitator, admin} {
			doc := s.get(who, "/oggi")
			task := doc.Find("#giorno-scadenze").Closest(".ar-day").Find(".ar-task")
			if task.Length() != 1 || !strings.Contains(task.Text(), s.Process.Title) || task.Find(`a.btn[href="`+s.home()+`#scadenze-ferme"]`).Length() != 1 {
				t.Errorf("%s, %s: %s", lang, who.Email, task.Text())
			}
			if text := doc.Find("main").Text(); !strings.Contains(text, want) {
				t.Errorf("%s, %s: the summary does not say it: %s", lang, who.Email, text)
			}
		}
		if s.get(s.Editor, "/oggi").Find("#giorno-scadenze").Length() != 0 {
			t.Errorf("%s: a task of somebody who cannot do it", lang)
		}
		panel := s.get(s.Editor, s.home()).Find("#scadenze-ferme").Parent()
		if panel.Length() != 1 || panel.Find("form, details").Length() != 0 {
			t.Errorf("%s: an editor sees %s", lang, panel.Text())
		}
	}
	s.lang = "it"
	page := s.get(admin, s.home())
	if said := page.Find("#scadenze-ferme").Parent().Find("code").Text(); !strings.Contains(said, "disk full") {
		t.Errorf("the administrator is told %q", said)
	}
	if s.get(s.Facilitator, s.home()).Find("#scadenze-ferme").Parent().Find("code").Length() != 0 {
		t.Error("the facilitator reads what the program said")
	}
	form := `form[action="` + s.home() + `/riprova"]`
	id := page.Find(form+" button").AttrOr("value", "")
	b := s.as(s.Facilitator)
	b.Submit(b.Get(s.home()), form, "@deadline", id).Is(http.StatusConflict).Says("Non è riuscita neppure ora")
	s.Exec(`DROP TRIGGER fail ON transition_log`)
	b.Follow(b.Submit(b.Get(s.home()), form, "@deadline", id).To(s.home())).Says("Fatto: la scadenza è partita.")
	if s.state() != "analysis" || s.get(admin, "/oggi").Find("#giorno-scadenze").Length() != 0 {
		t.Errorf("it is in %s", s.state())
	}
	s.send(s.Editor, s.home()+"/riprova", url.Values{"deadline": {id}}).Is(http.StatusForbidden)
	s.send(s.Facilitator, s.home()+"/riprova", url.Values{"deadline": {"x"}}).Is(http.StatusUnprocessableEntity)
	s.send(s.Facilitator, s.home()+"/riprova", url.Values{"deadline": {"987654"}}).Is(http.StatusNotFound)
}

// A process whose definition cannot be read is one row, for those who work on it;
// the page, its number and the list of processes go on without it.
func TestUnread(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	second := s.NewProcess("Un altro percorso")
	s.Exec(`UPDATE workflow_instance SET definition = 'gone', version = 7 WHERE process_id = ?`, second.ID)
	for lang, want := range map[string]string{"it": "1 percorso che non si riesce ad aprire", "en": "1 process that cannot be opened"} {
		s.lang = lang
		doc := s.get(s.Promoter, "/oggi")
		task := doc.Find("#giorno-illeggibili").Closest(".ar-day").Find(".ar-task")
		if task.Length() != 1 || !strings.Contains(task.Text(), second.Title) || !strings.Contains(doc.Find("main").Text(), want) {
			t.Errorf("%s: %s", lang, doc.Find("main").Text())
		}
		if doc.Find(`a[href="`+s.home()+`"]`).Length() == 0 {
			t.Errorf("%s: the other process is hidden", lang)
		}
		if text := s.get(s.Promoter, "/gestione").Find("main").Text(); !strings.Contains(text, second.Title) || !strings.Contains(text, s.Process.Title) {
			t.Errorf("%s: the list says %s", lang, text)
		}
	}
}

func TestOverview(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"it", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.lang = lang
			s.Publish()
			a := s.NewActivity("webinar", "listening", "Webinar di apertura")
			_, err := meeting.New(s.Core).Schedule(t.Context(), s.Process.ID, a.ID, s.Facilitator, meeting.Draft{
				Starts: "2026-03-11T17:30", Ends: "2026-03-11T19:00", Place: "Siena",
			})
			s.Must(err)
			s.At(noon(1))
			doc := s.get(s.Facilitator, s.home())
			if doc.Find(`#attivita ~ table a, table a[href^="`+s.home()+`/webinar/"]`).Length() == 0 {
				t.Error("no link to the activity")
			}
			if here := doc.Find(".ar-flow li[aria-current=step] strong"); here.Length() != 1 || doc.Find(".ar-flow svg[role=img] > title").Length() != 1 {
				t.Errorf("the flow marks %q as the present phase", here.Text())
			}
			gate := doc.Find("#mossa-analyse")
			if gate.Find("li").Length() != 2 || gate.HasClass("is-open") || gate.Find("a.btn").AttrOr("href", "") != s.home()+"/documenti/project-sheet" {
				t.Errorf("the gate: %s", gate.Text())
			}
			if doc.Find("#proroga form").Length() != 3 || doc.Find("#registro ~ table tbody tr").Length() != 2 {
				t.Errorf("extension or log: %d rows", doc.Find("#registro ~ table tbody tr").Length())
			}
			if !strings.Contains(doc.Find("#registro ~ table").Text(), "Lucia Ferri") {
				t.Error("the log names nobody")
			}
			if s.get(s.Editor, s.home()).Find("#proroga").Length() != 0 {
				t.Error("an editor may extend")
			}
			s.At(noon(21))
			if s.get(s.Facilitator, s.home()).Find(".ar-panel--late li a").Length() != 1 {
				t.Error("the incident is not shown")
			}
			_, err = s.Core.Advance(t.Context(), s.Process.ID, s.Promoter, process.Move{Transition: "cancel", Reason: "Fondi"})
			s.Must(err)
			doc = s.get(s.Facilitator, s.home())
			if doc.Find("#avanza").Length() != 0 || doc.Find(".ar-chip--done").Length() == 0 {
				t.Error("an ended process still moves")
			}
			if here := doc.Find(".ar-flow li[aria-current=step]"); here.Length() != 1 || here.Find("br").Length() != 1 {
				t.Errorf("the flow of a cancelled process marks %q", here.Text())
			}
		})
	}
}

// A phase whose first day is still to come has not begun, whenever the draft was
// made.
func TestADraftHasNotBegun(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p, err := s.Core.LoadProcess(t.Context(), s.DB, s.Process.ID)
	s.Must(err)
	first := civil.DateOf(s.Start, time.UTC).Add(14)
	s.Must(s.Core.SetDates(t.Context(), p.ID, s.Promoter, process.Dates{Revision: p.Revision, Start: first}))
	home := "/gestione/" + p.Slug
	text := func() string { return strings.Join(strings.Fields(s.get(s.Promoter, home).Text("main")), " ") }
	words := page.Words{Lang: "it", Zone: p.Location(), Now: s.Start}
	if got := text(); strings.Contains(got, "Iniziata") || !strings.Contains(got, "Comincia"+page.Cap(words.Date(first.Start(p.Location())))) {
		t.Errorf("two weeks before its first day: %s", got)
	}
	s.At(first.At(12, 0, p.Location()))
	if got := text(); !strings.Contains(got, "Iniziata"+page.Cap(words.Date(first.Start(p.Location())))) || strings.Contains(got, "(previsto") {
		t.Errorf("on its first day: %s", got)
	}
}

// Whoever calls a process off that nothing reopens is told before and after.
func TestWhatLastsIsSaid(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.At(noon(2))
	const sentence = "il modello non prevede che si riapra"
	if got := s.get(s.Promoter, s.home()).Find("#mossa-cancel").Text(); strings.Contains(got, sentence) {
		t.Errorf("what can be reopened is said to last: %s", got)
	}
	def, inst, err := s.Core.Definition(t.Context(), s.DB, s.Process)
	s.Must(err)
	for i := range def.Transitions {
		if def.Transitions[i].Reopens {
			def.Transitions[i].Reopens = false
		}
	}
	view := gate.View{More: []gate.Move{{Transition: "cancel", Open: true}, {Transition: "cancel"}}}
	r := &site.Request{Lang: "it"}
	view = view.Lasting(r, def, inst.State)
	if open, shut := view.More[0].Warnings, view.More[1].Warnings; len(open) != 1 || !strings.Contains(open[0], sentence) || len(shut) != 0 || view.Empty != "" {
		t.Errorf("warned %v and %v, %q", open, shut, view.Empty)
	}
	if view = view.Lasting(r, def, "cancelled"); !strings.Contains(view.Empty, "non si torna indietro") {
		t.Errorf("at the end: %q", view.Empty)
	}
}

// The page of what has ended says so, and to the promoter whether it goes on again.
func TestTheEndIsSaid(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.At(noon(6))
	s.Write("project-sheet", false)
	s.Write("results", true)
	for _, transition := range []string{"analyse", "end"} {
		_, err := s.Core.Advance(t.Context(), s.Process.ID, s.Facilitator, process.Move{Transition: transition})
		s.Must(err)
	}
	home := s.get(s.Promoter, s.home())
	for _, want := range []string{"Percorso concluso, 2 fasi su 2", "non si torna indietro", "StatoFinito", "non resta nulla da fare"} {
		if text := home.Text("main"); !strings.Contains(text, want) {
			t.Errorf("the page does not say %q: %s", want, text)
		}
	}
	if text := home.Text("main"); strings.Contains(text, "di questa fase") {
		t.Errorf("a phase is spoken of that there is not: %s", text)
	}
	if s.get(s.Facilitator, s.home()).Find("#avanza").Length() != 0 {
		t.Error("the facilitator is told to prepare another process")
	}
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.At(noon(6))
	form := url.Values{"transition": {"analyse"}, "revision": {"1"}, "key": {"once"}, "back": {s.home()}}
	inst, err := s.Core.Engine().Instance(t.Context(), s.DB, s.Process.Ref())
	s.Must(err)
	form.Set("revision", itoa(inst.Revision))

	w := s.send(s.Facilitator, s.home()+"/avanza", form)
	doc := w.Is(http.StatusConflict)
	s.lang = "en"
	s.send(s.Facilitator, s.home()+"/avanza", form).Is(http.StatusConflict)
	s.lang = "it"
	if s.state() != "listening" || doc.Find(`#mossa-analyse a[href$="/documenti/project-sheet"]`).Length() != 1 {
		t.Errorf("blocked: %s %s", s.state(), doc.Find("main").Text())
	}

	s.Write("project-sheet", false)
	open := s.get(s.Facilitator, s.home()).Find("#mossa-analyse form")
	form = fields(open)
	if to := s.post(s.Facilitator, s.home()+"/avanza", form); to != s.home() || s.state() != "analysis" {
		t.Errorf("%s, %s", to, s.state())
	}
	moved, err := s.Core.Engine().Log(t.Context(), s.DB, int64(s.Process.ID), 0, 0)
	s.Must(err)
	if to := s.post(s.Facilitator, s.home()+"/avanza", form); to != s.home() {
		t.Error(to)
	}
	again, err := s.Core.Engine().Log(t.Context(), s.DB, int64(s.Process.ID), 0, 0)
	s.Must(err)
	if len(again) != len(moved) {
		t.Error("the second click moved something")
	}

	stale := url.Values{"transition": {"end"}, "revision": {form.Get("revision")}, "key": {"other"}}
	doc = s.send(s.Facilitator, s.home()+"/avanza", stale).Is(http.StatusConflict)
	if s.state() != "analysis" || !strings.Contains(doc.Find("main .ar-lead").Text(), "Nel frattempo") {
		t.Errorf("stale: %s", doc.Find("main").Text())
	}
}

func TestAdvanceAnActivityAndAskForAReason(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	a := s.NewActivity("webinar", "listening", "Webinar")
	path := s.home() + "/webinar/" + a.PublicID
	base := url.Values{"activity": {a.PublicID}, "revision": {itoa(a.StateRevision)}, "back": {"//evil.example"}}
	base.Set("transition", "discard")
	if to := s.post(s.Facilitator, s.home()+"/avanza", base); to != path {
		t.Errorf("leads to %s", to)
	}
	if w := s.send(s.Facilitator, s.home()+"/avanza", url.Values{"activity": {"unknown"}, "transition": {"x"}}); w.Code != http.StatusNotFound {
		t.Errorf("an unknown activity: %d", w.Code)
	}
	inst, err := s.Core.Engine().Instance(t.Context(), s.DB, s.Process.Ref())
	s.Must(err)
	w := s.send(s.Promoter, s.home()+"/avanza", url.Values{
		"transition": {"cancel"}, "reason": {" "}, "revision": {itoa(inst.Revision)},
	})
	doc := w.Is(http.StatusUnprocessableEntity)
	if doc.Find(`.ar-errors a[href="#mossa-cancel-motivo"]`).Length() != 1 || doc.Find("#mossa-cancel-motivo").Length() != 1 {
		t.Errorf("%s", doc.Find("main").Text())
	}
	if moves := doc.Find("section.ar-gate"); moves.Length() != 1 || doc.Find("#avanza details.ar-more > summary").First().Text() == "Annulla il percorso" {
		t.Errorf("the page speaks of other moves than the one that was refused: %s", doc.Find("main").Text())
	}
	// One that is too long comes back to be shortened; ends of lines count once.
	// 990 characters as a browser counts them, 1100 as it sends them.
	reason := strings.Repeat("Motivo.\r\n", 110) + strings.Repeat(".", 110)
	form := url.Values{"transition": {"cancel"}, "reason": {reason + strings.Repeat("!", 11)}, "revision": {itoa(inst.Revision)}}
	doc = s.send(s.Promoter, s.home()+"/avanza", form).Is(http.StatusUnprocessableEntity)
	if got := doc.Find("#mossa-cancel-motivo").Text(); !strings.HasSuffix(got, "!") || doc.Find(`.ar-errors a[href="#mossa-cancel-motivo"]`).Length() != 1 {
		t.Errorf("a reason that is too long became %q", got)
	}
	if s.state() == "cancelled" {
		t.Error("cancelled by a form that was refused")
	}
	if w := s.send(s.Promoter, s.home()+"/avanza", url.Values{}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no transition: %d", w.Code)
	}
	form.Set("reason", reason)
	if to := s.post(s.Promoter, s.home()+"/avanza", form); to != s.home() || s.state() != "cancelled" {
		t.Errorf("leads to %s, in %s", to, s.state())
	}
}

func TestExtend(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.At(noon(6))
	form := fields(s.get(s.Facilitator, s.home()).Find("#proroga form").First())
	path := s.home() + "/proroga"
	for _, c := range []struct{ end, reason, field string }{
		{"2026-05-30", "Maltempo", "proroga-fine"}, // beyond the maximum
		{"2026-03-20", "Maltempo", "proroga-fine"}, // earlier
		{"domani", "Maltempo", "proroga-fine"},
		{"2026-04-05", "", "proroga-motivo"},
	} {
		form.Set("end", c.end)
		form.Set("reason", c.reason)
		doc := s.send(s.Facilitator, path, form).Is(http.StatusUnprocessableEntity)
		if doc.Find(`.ar-errors a[href="#`+c.field+`"]`).Length() != 1 || doc.Find("#"+c.field).Length() != 1 {
			t.Errorf("%+v: %s", c, doc.Find("main").Text())
		}
	}
	form.Set("end", "2026-04-05")
	form.Set("reason", "Maltempo")
	doc := s.send(s.Facilitator, path, form).Is(http.StatusOK)
	if doc.Find(".ar-preview").Length() != 0 {
		t.Error("the page is marked as a rehearsal")
	}
	if doc.Find("tbody tr").Length() != 3 || !strings.Contains(doc.Find("main").Text(), "una persona") ||
		!strings.Contains(doc.Find("main").Text(), "Fine prevista di “Analisi”martedì 7 aprile 2026 alle 23:59mercoledì 15 aprile 2026 alle 23:59") {
		t.Errorf("preview: %s", doc.Find("main").Text())
	}
	s.lang = "en"
	s.send(s.Facilitator, path, form).Is(http.StatusOK)
	s.lang = "it"
	confirm := fields(doc.Find("main form").First())
	if confirm.Get("preview") != "" || confirm.Get("end") != "2026-04-05" {
		t.Errorf("%v", confirm)
	}
	before, err := s.Core.Engine().Instance(t.Context(), s.DB, s.Process.Ref())
	s.Must(err)
	if to := s.post(s.Facilitator, path, confirm); to != s.home() {
		t.Error(to)
	}
	after, err := s.Core.Engine().Instance(t.Context(), s.DB, s.Process.Ref())
	s.Must(err)
	if !after.DueAt.Equal(time.Date(2026, 4, 5, 22, 0, 0, 0, time.UTC)) || before.DueAt.Equal(after.DueAt) {
		t.Errorf("the end is %s", after.DueAt)
	}
	confirm.Set("end", "2026-04-07")
	doc = s.send(s.Facilitator, path, confirm).Is(http.StatusConflict)
	if again, err := s.Core.Engine().Instance(t.Context(), s.DB, s.Process.Ref()); err != nil || !again.DueAt.Equal(after.DueAt) {
		t.Errorf("a stale form moved the end to %s: %s", again.DueAt, doc.Find("main").Text())
	}
}

// A document of an office that nobody holds is the promoter's to give to somebody.
func TestTheBoardAsksForWhoWritesADocument(t *testing.T) {
	t.Parallel()
	s := staged(cockpittest.Given(t))
	s.Publish()
	s.At(noon(18))
	for lang, words := range map[string][2]string{
		"it": {"Nomina chi scrive il documento “Scheda di progetto”: garante", "Aggiungi una persona"},
		"en": {"Name who writes the document “Project sheet”: guarantor", "Add a person"},
	} {
		s.lang = lang
		task := s.get(s.Promoter, "/oggi").Find(".ar-task:has(a[href$='/persone'])")
		if text := strings.Join(strings.Fields(task.Text()), " "); !strings.Contains(text, words[0]) || !strings.Contains(text, words[1]) {
			t.Errorf("%s: %q", lang, text)
		}
	}
}

// TestTheLogSaysThatAnActivityChangedPhase names it, with both phases.
func TestTheLogSaysThatAnActivityChangedPhase(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a := s.NewActivity("webinar", "listening", "Serata")
	s.Must(seat.Do(t.Context(), s.Core, s.Process.ID, s.Facilitator, seat.Move{Activity: a.ID, From: "listening", To: "analysis"}))
	s.get(s.Promoter, s.home()).Is(http.StatusOK).Says("“Serata”: Spostata dalla fase “Ascolto” alla fase “Analisi”.")
}
