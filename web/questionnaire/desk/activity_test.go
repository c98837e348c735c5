package desk_test

import (
	"strings"
	"testing"
	"time"

	"arengo/process/meeting/meetingtest"
	"arengo/process/pause"
	"arengo/web/webtest"
)

func TestActivityDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Get(w.root).Is(200).Says("In preparazione").Says("Prima di aprire").Says("Pubblica le domande")
	here := w.root + "/chiusura"
	w.PostForm(here, map[string][]string{"end": {"2026-02-01"}}).Is(422)
	w.PostForm(here, map[string][]string{"end": {"2026-03-29"}}).Is(303)
	w.Get(w.root).Says("Domenica 29 marzo 2026 alle 23:59")
	w.PostForm(w.root+"/invita", map[string][]string{}).Is(422)
	w.look(w.root).Is(303)
}

func TestActivityOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(12)
	for n := range 3 {
		w.answer(n)
	}
	page := w.Get(w.root).Is(200)
	page.Says("3 risposte su 12 inviti, il 25,0 %: per il 40 % ne mancano 2.").Says("3 Comuni su 3 sono sotto l’obiettivo")
	page.Says("Il sollecito va a 9 persone").Says("Zona per zona").Says("Chiudi in anticipo")
	if got := page.Find(".ar-funnel strong").First().Text(); got != "12" {
		t.Errorf("invited: %s", got)
	}
	if n := page.Find(".ar-meter").Length(); n != 5 {
		t.Errorf("%d meters for 3 municipalities and 2 zones", n)
	}
	people := w.Get(w.root + "/persone?stato=answered").Is(200).Says("3 persone")
	if n := people.Find("tbody tr").Length(); n != 3 {
		t.Errorf("%d rows", n)
	}
	csv := w.Get(w.root + "/comuni.csv").Is(200)
	if lines := strings.Split(strings.TrimSpace(csv.Body), "\r\n"); len(lines) != 6 || !strings.HasPrefix(lines[5], "Totale;;12;") {
		t.Errorf("table:\n%s", csv.Body)
	}
}

func TestRemind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(6)
	w.answer(0)
	w.At(meetingtest.Start.Add(48 * time.Hour))
	here := w.root + "/sollecito"
	page := w.Get(here).Is(200).Says("Stai per scrivere a 5 persone")
	form := fields(page, here)
	w.PostForm(here, form).Is(303)
	if n := w.Notices(w.activity, "reminder"); n != 1 {
		t.Fatalf("%d reminders", n)
	}
	w.PostForm(here, form).Is(303) // a double click
	w.Get(here).Is(200).Says("Il prossimo può partire da").Hides("Stai per scrivere")
	w.Get(w.root).Is(200).Says("Il prossimo può partire da").Hides("Leggi e approva")
	form.Set("key", "un-altro")
	w.PostForm(here, form).Is(429)
	if n := w.Notices(w.activity, "reminder"); n != 1 {
		t.Errorf("%d reminders after the second", n)
	}
	w.At(meetingtest.Start.Add(73 * time.Hour))
	form = fields(w.Get(here), here)
	form.Set("expected", "2")
	w.PostForm(here, form).Is(409).Says("Stai per scrivere a 5 persone")
}

func TestExtend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(4)
	here := "/gestione/" + w.Process.Slug + "/proroga"
	form := fields(w.Get(w.root).Is(200), here)
	form.Set("end", "2026-12-31")
	form.Set("reason", "Ce lo chiedono i Comuni")
	page := w.PostForm(here, form).Is(422)
	if got, _ := page.Find("#proroga-fine").Attr("value"); got != "2026-12-31" {
		t.Errorf("the form kept %q", got)
	}
	form.Set("end", "2026-04-05")
	form.Set("reason", "")
	w.PostForm(here, form).Is(422)
	form.Set("reason", "Ce lo chiedono i Comuni")
	page = w.PostForm(here, form).Is(200)
	page.Says("domenica 5 aprile 2026 alle 23:59", "Vengono avvisate per e-mail 4 persone", "Ce lo chiedono i Comuni")
	if due := w.due(); !due.Equal(time.Date(2026, time.March, 29, 22, 0, 0, 0, time.UTC)) {
		t.Fatalf("the preview moved the end to %s", due)
	}
	w.PostForm(here, fields(page, here)).Is(303)
	w.Get(w.root).Is(200).Says("4 persone vengono avvisate per e-mail")
	if due := w.due(); !due.Equal(time.Date(2026, time.April, 5, 22, 0, 0, 0, time.UTC)) {
		t.Errorf("the end is %s", due)
	}
	w.PostForm(here, form).Is(409) // shown before the extension
}

func (w *world) due() (at time.Time) {
	w.T.Helper()
	a, err := w.Core.LoadActivity(w.T.Context(), w.DB, w.Process.ID, w.activity.ID)
	w.Must(err)
	return a.DueAt.UTC()
}

func TestResults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.look(w.public).Is(200).Says("in preparazione")
	w.open(45)
	for n := range 40 {
		w.answer(n)
	}
	w.Get(w.root + "/risultati").Is(200).Says("quando la raccolta è chiusa").Hides("Ci vivo")
	w.Get(w.root + "/risultati/risposte.csv").Is(409)
	w.Get(w.root + "/risultati/tabelle.csv").Is(409)
	w.look(w.public).Is(200).Says("Il questionario è aperto").Says("Rispondi al questionario").Hides("Ci vivo")
	w.PostForm(w.root+"/risultati", map[string][]string{"title": {"Presto"}, "body": {"Presto"}}).Is(409)

	w.At(time.Date(2026, time.March, 29, 22, 0, 0, 0, time.UTC))
	w.At(time.Date(2026, time.March, 29, 22, 10, 0, 0, time.UTC))
	if state := w.State(w.activity); state != "closed" {
		t.Fatalf("the state is %s", state)
	}
	page := w.Get(w.root + "/risultati").Is(200)
	page.Says("40 persone hanno risposto").Says("non c’è un margine di errore").Says("Ci vivo").Says("testo di prova").Says("protetto")
	if n := page.Find("figure svg[role=img]").Length(); n == 0 {
		t.Error("no chart")
	}
	w.Get(w.root + "/risultati?comune=052009").Is(200).Says("Solo le risposte di Chiusi")
	if csv := w.Get(w.root + "/risultati/risposte.csv").Is(200); strings.Count(csv.Body, "\r\n") != 41 || strings.Contains(csv.Body, "@") {
		t.Errorf("answers:\n%s", csv.Body)
	}
	w.Get(w.root + "/risultati/tabelle.csv").Is(200)
	w.look(w.public).Is(200).Says("La raccolta delle risposte è finita").Hides("Ci vivo")
	w.look(w.public + "/tabelle.csv").Is(409)

	w.PostForm(w.root+"/risultati", map[string][]string{"title": {""}, "body": {""}}).Is(422)
	w.PostForm(w.root+"/risultati", map[string][]string{"title": {"Che cosa avete detto"}, "body": {"Muoversi è il primo bisogno."}}).Is(303)
	public := w.look(w.public).Is(200)
	public.Says("Che cosa avete detto").Says("Muoversi è il primo bisogno").Says("40 persone hanno risposto").Says("Ci vivo").Hides("testo di prova").Hides("Scarica le risposte")
	w.look(w.public + "/tabelle.csv").Is(200)
	w.Get(w.root).Is(200).Says("La raccolta è chiusa")
}

// TestFewAnswersShowNothing looks at nine answers from every side.
func TestFewAnswersShowNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(12)
	for n := range 9 {
		w.answer(n)
	}
	w.At(time.Date(2026, time.March, 29, 22, 0, 0, 0, time.UTC))
	w.At(time.Date(2026, time.March, 29, 22, 10, 0, 0, time.UTC))
	w.PostForm(w.root+"/risultati", map[string][]string{"title": {"Che cosa avete detto"}, "body": {"Grazie."}}).Is(303)
	for name, page := range map[string]*webtest.Answer{
		"staff": w.Get(w.root + "/risultati").Is(200), "staff, one place": w.Get(w.root + "/risultati?comune=052009").Is(200),
		"public": w.look(w.public).Is(200), "public, one place": w.look(w.public + "?comune=052009").Is(200),
	} {
		page.Says("9 persone hanno risposto", "troppo poche per mostrarle").Hides("Ci vivo", "testo di prova", "Scarica le tabelle")
		if n := page.Find("figure, svg[role=img], main table, #comune").Length(); n > 0 {
			t.Errorf("%s: %d charts, tables or filters", name, n)
		}
	}
	w.look(w.public + "/tabelle.csv").Is(409)
	w.look(w.public + "/tabelle.csv?comune=052009").Is(409)
	w.Get(w.root + "/risultati/tabelle.csv").Is(409)
	w.Get(w.root + "/risultati/risposte.csv").Is(409)
}

// While it rests nobody can be invited, and the page does not offer it.
func TestNoInvitationsWhileSuspended(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(4)
	w.Get(w.root).Is(200).Says("I nuovi inviti partono subito")
	w.Must(pause.New(w.Core).Suspend(t.Context(), w.Process.ID, w.Promoter, pause.Request{Activity: w.activity.ID, Reason: "Si vota"}))
	w.PostForm(w.root+"/invita", map[string][]string{"who": {"all"}}).Is(409)
	w.Get(w.root).Is(200).Says("riprendi o annulla").Hides("I nuovi inviti partono subito", "Invita tutti i contatti")
}
