package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"arengo/process/meeting/meetingtest"
)

func TestActivityDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get(w.root).want(200).checked().says("In preparazione").says("Prima di aprire").says("Pubblica le domande")
	here := w.root + "/chiusura"
	w.post(here, map[string][]string{"end": {"2026-02-01"}}).want(422).checked()
	w.post(here, map[string][]string{"end": {"2026-03-29"}}).want(303)
	w.get(w.root).says("Domenica 29 marzo 2026 alle 23:59:59")
	w.post(w.root+"/invita", map[string][]string{}).want(422)
	w.do(http.MethodGet, w.root, nil, "").want(303)
}

func TestActivityOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(12)
	for n := range 3 {
		w.answer(n)
	}
	page := w.get(w.root).want(200).checked()
	page.says("3 risposte su 12 inviti, il 25,0 %: per il 40 % ne mancano 2.").says("3 Comuni su 3 sono sotto l’obiettivo")
	page.says("Il sollecito va a 9 persone").says("Zona per zona").says("Chiudi in anticipo")
	if got := page.doc.Find(".ar-funnel strong").First().Text(); got != "12" {
		t.Errorf("invited: %s", got)
	}
	if n := page.doc.Find(".ar-meter").Length(); n != 5 {
		t.Errorf("%d meters for 3 municipalities and 2 zones", n)
	}
	people := w.get(w.root + "/persone?stato=answered").want(200).checked().says("3 persone")
	if n := people.doc.Find("tbody tr").Length(); n != 3 {
		t.Errorf("%d rows", n)
	}
	csv := w.get(w.root + "/comuni.csv").want(200)
	if lines := strings.Split(strings.TrimSpace(csv.body), "\r\n"); len(lines) != 6 || !strings.HasPrefix(lines[5], "Totale;;12;") {
		t.Errorf("table:\n%s", csv.body)
	}
}

func TestRemind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(6)
	w.answer(0)
	w.At(meetingtest.Start.Add(48 * time.Hour))
	here := w.root + "/sollecito"
	page := w.get(here).want(200).checked().says("Stai per scrivere a 5 persone")
	form := page.fields(here)
	w.post(here, form).want(303)
	if n := w.Notices(w.activity, "reminder"); n != 1 {
		t.Fatalf("%d reminders", n)
	}
	w.post(here, form).want(303) // a double click
	w.post(here, w.get(here).fields(here)).want(429).checked()
	if n := w.Notices(w.activity, "reminder"); n != 1 {
		t.Errorf("%d reminders after the second", n)
	}
	w.At(meetingtest.Start.Add(73 * time.Hour))
	form = w.get(here).fields(here)
	form.Set("expected", "2")
	w.post(here, form).want(409).says("Stai per scrivere a 5 persone")
}

func TestExtend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(4)
	here := w.root + "/proroga"
	form := w.get(w.root).want(200).fields(here)
	form.Set("end", "2026-12-31")
	form.Set("reason", "Ce lo chiedono i Comuni")
	page := w.post(here, form).want(422).checked()
	if got, _ := page.doc.Find("#proroga-fine").Attr("value"); got != "2026-12-31" {
		t.Errorf("the form kept %q", got)
	}
	form.Set("end", "2026-04-05")
	form.Set("reason", "")
	w.post(here, form).want(422)
	form.Set("reason", "Ce lo chiedono i Comuni")
	page = w.post(here, form).want(200).checked()
	page.says("domenica 5 aprile 2026 alle 23:59:59").says("Le 4 persone che non hanno ancora risposto").says("Ce lo chiedono i Comuni")
	if due := w.due(); !due.Equal(time.Date(2026, time.March, 29, 22, 0, 0, 0, time.UTC)) {
		t.Fatalf("the preview moved the end to %s", due)
	}
	w.post(here, page.fields(here)).want(303)
	if due := w.due(); !due.Equal(time.Date(2026, time.April, 5, 22, 0, 0, 0, time.UTC)) {
		t.Errorf("the end is %s", due)
	}
	w.post(here, form).want(409) // shown before the extension
}

func (w *world) due() (at time.Time) {
	w.T.Helper()
	a, err := w.Domain.LoadActivity(w.T.Context(), w.DB, w.Process.ID, w.activity.ID)
	w.Must(err)
	return a.DueAt.UTC()
}

func TestResults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(http.MethodGet, w.public, nil, "").want(200).checked().says("in preparazione")
	w.open(45)
	for n := range 40 {
		w.answer(n)
	}
	w.get(w.root + "/risultati").want(200).checked().says("quando la raccolta è chiusa").silent("Ci vivo")
	w.get(w.root + "/risultati/risposte.csv").want(409)
	w.get(w.root + "/risultati/tabelle.csv").want(409)
	w.do(http.MethodGet, w.public, nil, "").want(200).checked().says("Il questionario è aperto").says("Rispondi al questionario").silent("Ci vivo")
	w.post(w.root+"/risultati", map[string][]string{"title": {"Presto"}, "body": {"Presto"}}).want(409)

	w.At(time.Date(2026, time.March, 29, 22, 0, 0, 0, time.UTC))
	w.At(time.Date(2026, time.March, 29, 22, 10, 0, 0, time.UTC))
	if state := w.State(w.activity); state != "closed" {
		t.Fatalf("the state is %s", state)
	}
	page := w.get(w.root + "/risultati").want(200).checked()
	page.says("40 persone hanno risposto").says("non c’è un margine di errore").says("Ci vivo").says("testo di prova").says("protetto")
	if n := page.doc.Find("figure svg[role=img]").Length(); n == 0 {
		t.Error("no chart")
	}
	w.get(w.root + "/risultati?comune=052009").want(200).checked().says("Solo le risposte di Chiusi")
	if csv := w.get(w.root + "/risultati/risposte.csv").want(200); strings.Count(csv.body, "\r\n") != 41 || strings.Contains(csv.body, "@") {
		t.Errorf("answers:\n%s", csv.body)
	}
	w.get(w.root + "/risultati/tabelle.csv").want(200)
	w.do(http.MethodGet, w.public, nil, "").want(200).checked().says("La raccolta delle risposte è finita").silent("Ci vivo")
	w.do(http.MethodGet, w.public+"/tabelle.csv", nil, "").want(409)

	w.post(w.root+"/risultati", map[string][]string{"title": {""}, "body": {""}}).want(422)
	w.post(w.root+"/risultati", map[string][]string{"title": {"Che cosa avete detto"}, "body": {"Muoversi è il primo bisogno."}}).want(303)
	public := w.do(http.MethodGet, w.public, nil, "").want(200).checked()
	public.says("Che cosa avete detto").says("Muoversi è il primo bisogno").says("40 persone hanno risposto").says("Ci vivo").silent("testo di prova").silent("Scarica le risposte")
	w.do(http.MethodGet, w.public+"/tabelle.csv", nil, "").want(200)
	w.get(w.root).want(200).checked().says("La raccolta è chiusa")
}
