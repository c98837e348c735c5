package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"arengo/notify/webhook"
	"arengo/process"
	"arengo/process/pause"
	"arengo/process/subscription"
)

// move is a call that moves something.
func (s *stage) move(key string, body any, secret string) call {
	return call{
		method: http.MethodPost, path: s.one() + "/transitions", secret: secret, body: body,
		header: map[string]string{"Idempotency-Key": key},
	}
}

func (s *stage) state() string {
	s.T.Helper()
	inst, err := s.Core.Engine().Instance(s.T.Context(), s.DB, s.Process.Ref())
	s.Must(err)
	return inst.State
}

func (s *stage) entries() int {
	s.T.Helper()
	return s.Count(`SELECT count(*) FROM transition_log WHERE process_id = ?`, s.Process.ID)
}

// codes are those of the blockers of an answer, with where they lead.
func codes(list any) (out []string) {
	blockers, _ := list.([]any)
	for _, b := range blockers {
		m := b.(map[string]any)
		href, _ := m["href"].(string)
		out = append(out, m["code"].(string)+" "+href)
	}
	return out
}

func TestBlockedThenMoved(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Member(s.Promoter, process.RoleFacilitator)
	body := map[string]any{"event": "analyse"}

	home := "https://arengo.example.org/gestione/" + s.Process.Slug
	want := []string{"sheet-written " + home + "/documenti/project-sheet", "min-term "}
	can := s.good(call{path: s.one() + "/can/analyse"}, http.StatusOK)
	if can.body["allowed"] != false || !slices.Equal(codes(can.body["blockers"]), want) {
		t.Errorf("can: %s", can.raw)
	}
	listed := s.good(call{path: s.one() + "/can"}, http.StatusOK)
	var events []string
	for _, item := range listed.body["items"].([]any) {
		events = append(events, item.(map[string]any)["event"].(string))
	}
	first, err := json.Marshal(listed.body["items"].([]any)[0])
	s.Must(err)
	if !slices.Equal(events, []string{"analyse", "cancel"}) || listed.text("state") != "listening" || listed.header.Get("ETag") == "" {
		t.Errorf("listed: %s", listed.raw)
	}
	if alone, err := json.Marshal(can.body); err != nil || string(alone) != string(first) {
		t.Errorf("alone %s, listed %s", alone, first)
	}
	before := s.entries()
	for field, key := range map[string]string{"event": "api.event_unknown", "transition": "api.transition_unknown"} {
		if a := s.wants(s.move("fly", map[string]any{field: "fly"}, ""), http.StatusUnprocessableEntity, key); a.text("error.field") != field {
			t.Errorf("it stands at %q", a.text("error.field"))
		}
	}
	refused := s.wants(s.move("one", body, ""), http.StatusConflict, "workflow.blocked")
	detail := refused.body["error"].(map[string]any)
	if got := codes(detail["blockers"]); !slices.Equal(got, want) || refused.text("error.instance.state.name") != "listening" {
		t.Errorf("refused: %s", refused.raw)
	}
	if s.state() != "listening" || s.entries() != before {
		t.Fatal("a refusal left something")
	}

	// A refused key is free: nothing was done under it.
	s.Write("project-sheet", false)
	s.Clock.Set(s.Start.AddDate(0, 0, 6))
	if can = s.good(call{path: s.one() + "/can/analyse"}, http.StatusOK); can.body["allowed"] != true || len(codes(can.body["blockers"])) != 0 {
		t.Errorf("can: %s", can.raw)
	}
	done := s.good(s.move("one", body, ""), http.StatusCreated)
	if done.body["replayed"] != false || done.text("transition.to") != "analysis" || done.text("transition.actor.office") != "facilitator" ||
		done.text("instance.state.name") != "analysis" || done.header.Get("ETag") == "" {
		t.Errorf("done: %s", done.raw)
	}
	again := s.good(s.move("one", body, ""), http.StatusCreated)
	if again.body["replayed"] != true || again.text("transition.hash") != done.text("transition.hash") || s.entries() != before+1 {
		t.Errorf("again: %s", again.raw)
	}
	s.wants(s.move("one", map[string]any{"event": "cancel"}, ""), http.StatusConflict, "workflow.key_reused")
	if other := s.wants(s.move("one", body, s.token(s.Promoter, true)), http.StatusConflict, "workflow.blocked"); other.text("error.instance.state.name") != "analysis" {
		t.Errorf("the keys of two tokens are one: %s", other.raw)
	}
}

// The first call ends the process; who repeats it is told what it did, not that
// it is too late.
func TestTheLastMoveCanBeRepeated(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	only := s.wants(s.move("k", map[string]any{"transition": "cancel"}, ""), http.StatusUnprocessableEntity, "workflow.reason_required")
	if only.text("error.field") != "reason" {
		t.Error(only.raw)
	}
	body := map[string]any{"transition": "cancel", "reason": "Il bando è stato ritirato"}
	first := s.good(s.move("k", body, ""), http.StatusCreated)
	again := s.good(s.move("k", body, ""), http.StatusCreated)
	if again.text("transition.hash") != first.text("transition.hash") || again.text("transition.reason") != "Il bando è stato ritirato" {
		t.Error(again.raw)
	}
	s.wants(s.move("other", body, ""), http.StatusConflict, "policy.ended")
	never := s.good(call{path: s.one() + "/can/cancel"}, http.StatusOK)
	if never.body["allowed"] != false || len(codes(never.body["blockers"])) != 1 || never.body["transition"] != nil {
		t.Error(never.raw)
	}
	s.wants(call{path: s.one() + "/can/fly"}, http.StatusNotFound, "api.event_unknown")
}

func TestStale(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	body := map[string]any{"event": "cancel", "reason": "Perché sì"}
	c := s.move("k", body, "")
	c.header["If-Match"] = `"7"`
	a := s.wants(c, http.StatusConflict, "workflow.stale")
	if a.text("error.instance.state.name") != "listening" || s.state() != "listening" {
		t.Errorf("no fresh state: %s", a.raw)
	}
	body["revision"] = 7
	s.wants(s.move("k", body, ""), http.StatusConflict, "workflow.stale")
	delete(body, "revision")
	fresh := s.good(call{path: s.one()}, http.StatusOK)
	c.header["If-Match"] = fresh.header.Get("ETag")
	s.good(c, http.StatusCreated)
}

// Sixteen programs with one key move it once, and all are told of the one move.
func TestOneKeyAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	before := s.entries()
	var wait sync.WaitGroup
	answers := make([]said, 16)
	for i := range answers {
		wait.Go(func() {
			answers[i] = s.ask(s.move("k", map[string]any{"event": "cancel", "reason": "Perché sì"}, ""))
		})
	}
	wait.Wait()
	fresh := 0
	for _, a := range answers {
		if a.code != http.StatusCreated || a.text("transition.hash") != answers[0].text("transition.hash") {
			t.Errorf("%d %s", a.code, a.raw)
		}
		if a.body["replayed"] == false {
			fresh++
		}
	}
	if fresh != 1 || s.entries() != before+1 {
		t.Errorf("%d moves, %d entries", fresh, s.entries()-before)
	}
}

func TestActivities(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a := s.NewActivity("webinar", "listening", "Presentazione")
	p := s.good(call{path: s.one()}, http.StatusOK)
	if list := p.body["activities"].([]any); len(list) != 1 || list[0].(map[string]any)["id"] != a.PublicID {
		t.Error(p.raw)
	}
	can := s.good(call{path: s.one() + "/can/cancel?activity=" + a.PublicID}, http.StatusOK)
	if can.body["allowed"] != true || can.body["activity"] != a.PublicID {
		t.Error(can.raw)
	}
	done := s.good(s.move("k", map[string]any{"event": "cancel", "activity": a.PublicID, "reason": "Sala chiusa"}, ""), http.StatusCreated)
	if done.text("transition.activity") != a.PublicID || done.text("instance.state.name") != "cancelled" {
		t.Error(done.raw)
	}
	s.wants(s.move("k", map[string]any{"event": "cancel", "reason": "Sala chiusa"}, ""), http.StatusConflict, "workflow.key_reused")
	s.wants(call{path: s.one() + "/can/cancel?activity=nessuna"}, http.StatusNotFound, "api.activity_unknown")
	only := s.good(call{path: s.one() + "/transitions?activity=" + a.PublicID}, http.StatusOK)
	if n := len(only.body["items"].([]any)); n != 2 {
		t.Errorf("%d entries: %s", n, only.raw)
	}
}

// The pages of the log follow one another without a gap and hold no person.
func TestLog(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, title := range []string{"Prima", "Seconda", "Terza"} {
		s.NewActivity("webinar", "listening", title)
	}
	s.good(s.move("k", map[string]any{"event": "cancel", "reason": "Perché sì"}, ""), http.StatusCreated)
	var seqs []float64
	path, via := s.one()+"/transitions?limit=2", 0
	for range 10 {
		a := s.good(call{path: path}, http.StatusOK)
		for _, word := range []string{s.Promoter.Name, s.Promoter.Email, "person_id", "Lucia"} {
			if strings.Contains(a.raw, word) {
				t.Errorf("the log tells %q: %s", word, a.raw)
			}
		}
		via += strings.Count(a.raw, `"via_api":true`)
		for _, e := range a.body["items"].([]any) {
			seqs = append(seqs, e.(map[string]any)["seq"].(float64))
		}
		next, more := a.body["next_after"].(float64)
		if !more {
			break
		}
		path = s.one() + "/transitions?limit=2&after=" + strconv.Itoa(int(next))
	}
	if len(seqs) != s.entries() || len(seqs) < 5 || !slices.IsSorted(seqs) || via != 1 {
		t.Errorf("%v of %d, %d by the API", seqs, s.entries(), via)
	}
}

// The log tells of a document with its digest, and of an exception with the act that
// decided it.
func TestLogOfDocumentsAndExceptions(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Write("project-sheet", true)
	inst, err := s.Core.Engine().Instance(t.Context(), s.DB, s.Process.Ref())
	s.Must(err)
	_, err = s.Core.Extend(t.Context(), s.Process.ID, s.Promoter, process.NewEnd{
		End: inst.MaxAt.AddDate(0, 0, 10), Reason: "Neve", Act: "project-sheet", Exception: true,
	})
	s.Must(err)
	d, err := s.Documents.Load(t.Context(), s.Process, "project-sheet", "it")
	s.Must(err)
	sum := sha256.Sum256([]byte(d.Title + "\n" + d.Body))
	items := s.good(call{path: s.one() + "/transitions"}, http.StatusOK).body["items"].([]any)
	paper, moved := items[len(items)-2].(map[string]any), items[len(items)-1].(map[string]any)
	if paper["document"] != "project-sheet" || paper["digest"] != hex.EncodeToString(sum[:]) || paper["exception"] != nil || paper["act"] != nil {
		t.Errorf("of the document: %v", paper)
	}
	if moved["exception"] != true || moved["no_law"] != true || moved["act"] != "project-sheet" || moved["digest"] != nil {
		t.Errorf("of the exception: %v", moved)
	}
}

// "Perché non posso avanzare?" and the API say the same, in both languages, for
// every transition that the page shows.
func TestPageAndAPISayTheSame(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Member(s.Promoter, process.RoleFacilitator)
	compare := func(lang string, events map[string]string) {
		t.Helper()
		b := s.SignedIn(s.Promoter)
		b.Lang = lang
		page := b.Get("/gestione/" + s.Process.Slug).Is(http.StatusOK)
		for event, transition := range events {
			a := s.good(call{path: s.one() + "/can/" + event}, http.StatusOK)
			gate := page.Find("#mossa-" + transition)
			if gate.Length() != 1 {
				t.Fatalf("the page shows %d of %s", gate.Length(), transition)
			}
			if open := gate.Find(`form[action$="/avanza"]`).Length() == 1; open != (a.body["allowed"] == true) {
				t.Errorf("%s: the page says %v, the API %s", event, open, a.raw)
			}
			shown := reasons(gate.Find("li"))
			var told []string
			for _, one := range a.body["blockers"].([]any) {
				m := one.(map[string]any)
				href, _ := m["href"].(string)
				told = append(told, m["explain"].(map[string]any)[lang].(string)+" "+strings.TrimPrefix(href, "https://arengo.example.org"))
			}
			if !slices.Equal(shown, told) {
				t.Errorf("%s: the page says %q, the API %q", event, shown, told)
			}
		}
	}
	for _, lang := range []string{"it", "en"} {
		compare(lang, map[string]string{"analyse": "analyse", "cancel": "cancel"})
	}
	s.Write("project-sheet", false)
	s.Clock.Set(s.Start.AddDate(0, 0, 6))
	compare("it", map[string]string{"analyse": "analyse"})
	s.good(s.move("k", map[string]any{"event": "analyse"}, ""), http.StatusCreated)
	compare("it", map[string]string{"end": "end"})
}

// reasons are the lines of a gate: the sentence and where its button leads.
func reasons(list *goquery.Selection) []string {
	return list.Map(func(_ int, li *goquery.Selection) string {
		return strings.TrimSpace(li.Find("h3").Text()) + " " + li.Find("a").AttrOr("href", "")
	})
}

// The bodies of webhooks are as the document says, whoever moved.
func TestEventsAreAsWritten(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	hooks := subscription.New(s.Core)
	hook, _, err := hooks.Add(t.Context(), s.Org, s.Promoter, subscription.Draft{URL: "https://comune.example.it/", Events: webhook.Events})
	s.Must(err)
	a := s.NewActivity("webinar", "listening", "Presentazione")
	s.good(s.move("a", map[string]any{"event": "cancel", "activity": a.PublicID, "reason": "Sala chiusa"}, ""), http.StatusCreated)
	s.good(s.move("p", map[string]any{"event": "cancel", "reason": "Ritirato"}, ""), http.StatusCreated)
	s.Must(hooks.Test(t.Context(), s.Org, s.Promoter, hook))
	_, list, err := hooks.Show(t.Context(), s.Org, hook)
	s.Must(err)
	if len(list) != 3 {
		t.Fatalf("%d deliveries", len(list))
	}
	for _, d := range list {
		conformEvent(t, d.Body)
		if via := strings.Contains(d.Body, `"via_api":true`); via != (d.Event != webhook.Ping) {
			t.Errorf("by the API: %v, %s", via, d.Body)
		}
	}
}

// TestTheStateComesWithTheRefusalOfWhatEnded lets a second program find the
// process ended.
func TestTheStateComesWithTheRefusalOfWhatEnded(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.good(s.move("a", map[string]any{"event": "cancel", "reason": "Ritirato"}, ""), http.StatusCreated)
	a := s.wants(s.move("b", map[string]any{"event": "cancel", "reason": "Ritirato"}, ""), http.StatusConflict, "policy.ended")
	if a.text("error.instance.state.name") != "cancelled" {
		t.Errorf("without the fresh state: %s", a.raw)
	}
}

// TestAKeyWithAnotherReasonIsAnotherCall never lets a caller believe that its
// reason is in the log when another one is.
func TestAKeyWithAnotherReasonIsAnotherCall(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.good(s.move("a", map[string]any{"event": "cancel", "reason": "Ritirato"}, ""), http.StatusCreated)
	a := s.wants(s.move("a", map[string]any{"event": "cancel", "reason": "Delibera 7"}, ""), http.StatusConflict, "workflow.key_reused")
	if a.text("error.instance.state.name") != "cancelled" {
		t.Errorf("without the fresh state: %s", a.raw)
	}
	s.good(s.move("a", map[string]any{"event": "cancel", "reason": " Ritirato "}, ""), http.StatusCreated)
}

// TestASuspensionIsSeen tells programs that the end shown rests.
func TestASuspensionIsSeen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Member(s.Promoter, process.RoleFacilitator)
	s.Publish()
	if a := s.good(call{path: s.one()}, http.StatusOK); a.text("held_at") != "" {
		t.Errorf("suspended before anybody did: %s", a.raw)
	}
	s.Must(pause.New(s.Core).Suspend(t.Context(), s.Process.ID, s.Promoter, pause.Request{Reason: "Sciopero"}))
	if a := s.good(call{path: s.one()}, http.StatusOK); a.text("held_at") == "" {
		t.Errorf("a suspension looks like nothing: %s", a.raw)
	}
}
