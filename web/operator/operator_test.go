package operator_test

import (
	"net/http"
	"regexp"
	"strconv"
	"testing"

	"arengo/process"
	"arengo/process/cockpit/cockpittest"
	domain "arengo/process/operator"
	"arengo/web/operator"
	"arengo/web/page"
	"arengo/web/staff"
	"arengo/web/webtest"
)

type stage struct {
	*cockpittest.World
	*webtest.Site

	admin process.Actor
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{World: cockpittest.New(t)}
	s.admin = s.Actor("sistema@comune.example.org", "Ida Sistemista")
	s.Exec(`UPDATE person SET administrator = TRUE WHERE id = ?`, s.admin.Person)
	s.Site = webtest.Serve(s.World.World, "staff/processes operator/messages", staff.Routes, operator.Routes)
	return s
}

// campaign adds a notice of many open deliveries and gives its identifier.
func (s *stage) campaign(n int) string {
	s.T.Helper()
	var id int64
	s.One(&id, `INSERT INTO notice (process_id, key, kind, audience, payload, due_at, expires_at, created_at, expanded_at, deliveries)
		VALUES (?0, 'campagna', 'invitation', 'everyone', '{}', ?1, ?1::timestamptz + interval '7 days', ?1, ?1, ?2) RETURNING id`, s.Process.ID, s.Start, n)
	s.Exec(`INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at)
		SELECT ?, ?, k, 'p' || k || '@example.net', 'P', 'it', 'mail', 1, 'queued', 0, clock_timestamp(), clock_timestamp() FROM generate_series(1, ?) AS k`, s.Process.ID, id, n)
	return strconv.FormatInt(id, 10)
}

func TestMessages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.SignedIn(s.admin)
	if b.Page("/gestione").Find(`a[href="`+operator.Path+`"]`).Length() != 1 {
		t.Error("an administrator does not find the page")
	}
	if s.SignedIn(s.Promoter).Page("/gestione").Find(`a[href="`+operator.Path+`"]`).Length() != 0 {
		t.Error("a promoter is led to a page that is not theirs")
	}
	s.Exec(`INSERT INTO channel_node VALUES ('mail', 'w', clock_timestamp(), '', NULL)`)
	b.Page(operator.Path).Says("Tutto scorre", "Nessuno ha fermato nulla.")
	id := s.campaign(12345)
	page := b.Page(operator.Path)
	page.Says("12.345 di 12.345", "12.345 in coda")

	refused := b.Submit(page, `form[action$="/avviso/ferma"]`, "why", " ", "@notice", id).Is(http.StatusUnprocessableEntity)
	key := "avviso-" + strconv.FormatInt(int64(s.Process.ID), 10) + "-" + id
	if refused.Find("details[open] #"+key).Length() != 1 || refused.Find(`.ar-errors a[href="#`+key+`"]`).Length() != 1 {
		t.Errorf("the form does not say what is missing: %s", refused.Text("main"))
	}
	b.Submit(page, `form[action$="/avviso/ferma"]`, "why", "Il link è sbagliato", "@notice", id).To(operator.Path)
	page = b.Page(operator.Path)
	page.Says("Da guardare", "1 avviso è fermo", "Ida Sistemista", "Il link è sbagliato", "ancora fermo", "12.345 fermi")
	b.Submit(page, `form[action$="/avviso/riprendi"]`, "@notice", id).To(operator.Path)
	b.Page(operator.Path).Says("12.345 in coda", "Il link è sbagliato")

	page = b.Page(operator.Path)
	page.Says("anche i link per accedere")
	b.Submit(page, `form[action$="/canale/ferma"]`, "why", "Il relay cambia casa", "@channel", "mail").To(operator.Path)
	page = b.Page(operator.Path)
	page.Says("E-mail: il canale è fermo", "Il relay cambia casa")
	b.Submit(page, `form[action$="/canale/riprendi"]`, "@channel", "mail").To(operator.Path)
	if n := s.Count(`SELECT count(*) FROM channel_pause WHERE until IS NULL`); n != 0 {
		t.Errorf("%d channels are paused", n)
	}
	if w := b.Send(operator.Path, operator.Path+"/avviso/ferma", "why", "x", "process", "x", "notice", "1"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d", w.Code)
	}
}

// No address is shown, in whatever is wrong.
func TestMessagesShowNoAddress(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	id := s.campaign(30)
	s.Exec(`UPDATE delivery SET status = 'bounced', reply = '550 5.1.1 <p1@example.net> unknown' WHERE notice_id = ? AND person_id < 25`, id)
	s.Exec(`INSERT INTO delivery_event (process_id, delivery_id, at, status, code, reply)
		SELECT process_id, id, clock_timestamp(), 'bounced', 550, reply FROM delivery WHERE status = 'bounced'`)
	got := s.SignedIn(s.admin).Page(operator.Path)
	got.Says("L’indirizzo non esiste 550 5.1.1", "example.net", "nessun worker è acceso")
	if regexp.MustCompile(`p\d+@`).MatchString(got.Body) {
		t.Error("an address is shown")
	}
}

// Every word that is made of a code has its text.
func TestEveryCodeHasItsWords(t *testing.T) {
	t.Parallel()
	var keys []string
	for _, code := range domain.Codes {
		keys = append(keys, "operator.find."+code, "operator.find."+code+".do")
	}
	for _, class := range domain.Classes {
		keys = append(keys, "operator.reason."+class)
	}
	for _, channel := range []string{"mail", "inbox", "push", domain.Webhook} {
		keys = append(keys, "operator.channel."+channel, "operator.pause.warning."+channel)
	}
	for _, why := range []string{"now", "failing", "gone"} {
		keys = append(keys, "operator.hook."+why)
	}
	if len(keys) < 40 {
		t.Fatalf("only %d keys", len(keys))
	}
	for _, key := range keys {
		if !page.Texts().Has(key) && !page.Texts().Has(key+".one") {
			t.Errorf("%s has no text", key)
		}
	}
}
