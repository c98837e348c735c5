package ledger_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/worldtest"
	"arengo/web/page"
	"arengo/web/staff/ledger"
	"arengo/web/webtest"
	"arengo/workflow/definition"
)

// stage is a public process with people on its list, and its pages.
type stage struct {
	*worldtest.World
	*webtest.Site

	people []process.PersonID
	boss   *webtest.Browser
}

func setup(t *testing.T, people int) *stage {
	t.Helper()
	s := &stage{World: worldtest.New(t)}
	s.Publish()
	s.people = s.People(people)
	for _, p := range s.people {
		s.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, s.Process.ID, p, s.Start)
	}
	s.Site = webtest.Serve(s.World, "ledger/list ledger/notice ledger/person ledger/delivery ledger/retry", ledger.Routes)
	s.boss = s.SignedIn(s.Promoter)
	return s
}

func (s *stage) home() string { return "/gestione/" + s.Process.Slug + "/messaggi" }

// tell writes a notice to the whole list, or to one person, and expands it.
func (s *stage) tell(key, kind string, person process.PersonID) int64 {
	s.T.Helper()
	s.add(key, kind, person, s.Clock.Time())
	s.At(s.Clock.Time())
	return s.id(key)
}

func (s *stage) add(key, kind string, person process.PersonID, due time.Time) {
	s.T.Helper()
	s.Must(s.Core.Outbox().Add(s.T.Context(), s.DB, notify.Notice{
		ProcessID: int64(s.Process.ID), Key: key, Kind: kind, Audience: "participant,followers", PersonID: int64(person),
		Payload: json.RawMessage(`{"state":"running"}`), DueAt: due, CreatedAt: s.Clock.Time(),
	}))
}

func (s *stage) id(key string) (id int64) {
	s.T.Helper()
	s.One(&id, `SELECT id FROM notice WHERE process_id = ? AND key = ?`, s.Process.ID, key)
	return id
}

// of is the page of a notice.
func (s *stage) of(notice int64) string { return s.home() + "/" + strconv.FormatInt(notice, 10) }

// set writes over the delivery of a notice to one person.
func (s *stage) set(notice int64, person process.PersonID, sql string) {
	s.T.Helper()
	s.Exec(`UPDATE delivery SET `+sql+` WHERE process_id = ? AND notice_id = ? AND person_id = ?`, s.Process.ID, notice, person)
}

// every gives each of nine people another state.
func (s *stage) every(notice int64) {
	s.T.Helper()
	for i, sql := range []string{
		"status = 'sent', sent_at = now(), reply_code = 250, reply = '2.0.0 ok'",
		"status = 'bounced', sent_at = now(), reply_code = 550, reply = '5.1.1 User unknown'",
		"status = 'failed', reply_code = 554, reply = 'no'",
		"status = 'deferred', reply_code = 451, reply = '4.7.1 Greylisted', due_at = now() + interval '1 hour'",
		"status = 'suppressed', suppressed_why = 'left_audience'",
		"status = 'expired'",
		"status = 'complained', sent_at = now()",
		"status = 'suppressed', suppressed_why = 'not in any list'",
		"status = 'queued', name = '', address = ''",
	} {
		s.set(notice, s.people[i], sql)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	s := setup(t, 9)
	s.boss.Page(s.home()).Says("non è ancora partito nessun messaggio")
	first := s.tell("first", "phase-opened", 0)
	s.every(first)
	s.tell("alone", "results-published", s.people[0])
	s.add("later", "results-published", 0, s.Clock.Time().AddDate(0, 0, 3))
	s.add("off", "process-closed", 0, s.Clock.Time().AddDate(0, 0, 4))
	s.Exec(`UPDATE notice SET cancelled_at = now() WHERE key = 'off'`)
	p := s.boss.Page(s.home())
	p.Says("2 inviati, 2 in attesa, 2 non arrivati, 3 non spediti", "Tutto l’elenco dei contatti, chi segue il percorso", "In programma", "Annullato", "A una persona per volta", "1 in attesa")
	if link := p.Find(`a[href="` + s.of(first) + `?stato=missing#consegne"]`); link.Length() != 1 {
		t.Error("nobody is asked who did not get it")
	}
	s.boss.Page(s.of(s.id("later"))).Says("Non è ancora partito", "In programma")
	s.boss.Page(s.of(s.id("off"))).Says("Annullato")
	s.boss.Page(s.home() + "?attivita=nessuna")
}

func TestNotice(t *testing.T) {
	t.Parallel()
	s := setup(t, 9)
	notice := s.tell("first", "phase-opened", 0)
	s.every(notice)
	s.boss.Page(s.of(notice)).Says(
		"L’indirizzo non esiste (550 5.1.1).", "Il server l’ha rifiutato (554).", "(451 4.7.1). Si riprova", "Non era più fra chi doveva riceverlo",
		"Non è partito in tempo: valeva fino a", "codice: not in any list", "Dati cancellati", "Leggi il messaggio", "In corso",
		"Chi non l’ha ricevuto? (7)",
	).Hides("/disiscrivi/", "5.1.1 User unknown")
	for query, want := range map[string]string{
		"?stato=missing":           "7 messaggi trovati",
		"?stato=bounced":           "1 messaggio trovato",
		"?stato=nonsense":          "9 messaggi trovati",
		"?q=persona003":            "1 messaggio trovato",
		"?q=persona003&stato=sent": "Nessun messaggio trovato",
		"?canale=mail&pagina=7":    "9 messaggi trovati",
	} {
		s.boss.Page(s.of(notice) + query).Says(want)
	}
	for _, gone := range []string{s.of(notice + 1000), s.home() + "/nessuno", s.home() + "/consegna/0", s.home() + "/persona/nessuno"} {
		s.boss.Get(gone).Is(http.StatusNotFound)
	}
}

// A message to many is shown without what belongs to one of them.
func TestTheSampleIsNobodys(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	notice := s.tell("first", "phase-opened", 0)
	s.set(notice, s.people[0], "status = 'sent', sent_at = now()")
	p := s.boss.Page(s.of(notice))
	text := p.Text("main details")
	if !strings.Contains(text, "Buongiorno") || strings.Contains(text, "persona000") || strings.Contains(text, worldtest.BaseURL+"/disiscrivi") {
		t.Errorf("the sample says %q", text)
	}
	alone := s.tell("alone", "receipt", s.people[0])
	if s.boss.Page(s.of(alone)).Find("main details").Length() != 0 {
		t.Error("what was said to one person is shown")
	}
}

func TestDeliveryAndPerson(t *testing.T) {
	t.Parallel()
	s := setup(t, 9)
	notice := s.tell("first", "phase-opened", 0)
	s.every(notice)
	s.tell("alone", "results-published", s.people[1])
	p := s.boss.Page(s.of(notice) + "?stato=bounced")
	one := s.boss.Page(p.Find(`a[href*="/consegna/"]`).AttrOr("href", ""))
	one.Says("L’indirizzo non lo accetta", "In coda", "Inviato", "Respinto", "Riprova…", "persona001@example.org")
	person := s.boss.Page(one.Find(`a[href*="/persona/"]`).AttrOr("href", ""))
	person.Says("Messaggi per P persona001@example.org", "2 messaggi trovati", "Correggi i dati")
	if n := person.Find("main td").Length(); n == 0 {
		t.Error("nothing is listed")
	}
	s.boss.Page(person.Path + "?stato=bounced").Says("1 messaggio trovato")
	series := s.boss.Page(s.home() + "/serie?tipo=results-published")
	series.Says("1 messaggio trovato", "Ogni persona quando tocca a lei")
	back := s.boss.Page(series.Find(`a[href*="/consegna/"]`).AttrOr("href", ""))
	s.boss.Page(back.Find(`a[href*="/serie?"]`).AttrOr("href", "")).Says("1 messaggio trovato")
	s.boss.Get(s.home() + "/serie").To(s.home())
	s.boss.Get(s.home() + "/serie?tipo=results-published&attivita=nessuna").Is(http.StatusOK).Says("Nessun messaggio trovato")
}

func TestFile(t *testing.T) {
	t.Parallel()
	s := setup(t, 9)
	notice := s.tell("first", "phase-opened", 0)
	s.every(notice)
	s.Exec(`UPDATE delivery SET name = '=cmd()' WHERE person_id = ?`, s.people[2])
	link := s.boss.Page(s.of(notice)+"?stato=missing").Find(`a[href*="elenco.csv"]`).AttrOr("href", "")
	file := s.boss.Get(link).Is(http.StatusOK)
	lines := strings.Split(strings.TrimSpace(file.Body), "\r\n")
	if len(lines) != 8 || !strings.Contains(file.Body, "L’indirizzo non esiste (550 5.1.1).") || !strings.Contains(file.Body, "'=cmd()") || strings.Contains(file.Body, "persona000") {
		t.Errorf("%d lines: %s", len(lines), file.Body)
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	s := setup(t, 9)
	notice := s.tell("first", "phase-opened", 0)
	s.every(notice)
	s.Exec(`INSERT INTO suppression VALUES ('persona001@example.org', 'x', now())`)
	ask := s.boss.Page(s.boss.Page(s.of(notice)+"?stato=missing").Find(`a[href*="/riprova?"]`).AttrOr("href", ""))
	ask.Says("Stai per riprovare con 2 persone", "Una persona: l’indirizzo è stato respinto", "Correggi gli indirizzi")
	s.Exec(`DELETE FROM suppression`) // one more meanwhile
	again := s.boss.Submit(ask, `form[action$="/riprova"]`)
	again.Refused(http.StatusConflict, "").Says("Ora si può riprovare con 3 persone, più delle 2", "Riprova con 3 persone")
	if to := s.boss.Twice(again, `form[action$="/riprova"]`); to != s.of(notice)+"?stato=missing#consegne" {
		t.Errorf("sent to %s", to)
	}
	s.boss.Page(s.of(notice)).Says("2 inviati, 5 in attesa, 2 non spediti")
	s.boss.Page(ask.Path).Says("Non c’è niente da riprovare")
	s.boss.Page(s.of(notice) + "?stato=suppressed").Hides("Riprova l’invio")
}

// TestNobodyElseReadsIt goes through the pages as people who may not.
func TestNobodyElseReadsIt(t *testing.T) {
	t.Parallel()
	s := setup(t, 9)
	notice := s.tell("first", "phase-opened", 0)
	s.every(notice)
	expert := s.Actor("esperta@example.org", "Ester Perta")
	s.Member(expert, process.RoleExpert)
	var delivery int64
	s.One(&delivery, `SELECT min(id) FROM delivery`)
	for _, who := range []process.Actor{expert, s.Stranger} {
		b := s.SignedIn(who)
		for _, path := range []string{
			s.home(), s.of(notice), s.home() + "/consegna/" + strconv.FormatInt(delivery, 10), s.home() + "/elenco.csv?avviso=" + strconv.FormatInt(notice, 10),
			s.home() + "/riprova?avviso=" + strconv.FormatInt(notice, 10),
		} {
			b.Get(path).Is(http.StatusForbidden).Hides("persona00")
		}
	}
	other := s.NewProcess("Un altro percorso")
	s.Exec(`UPDATE process SET published_at = now()`)
	for _, path := range []string{"/" + strconv.FormatInt(notice, 10), "/consegna/" + strconv.FormatInt(delivery, 10)} {
		s.boss.Get("/gestione/" + other.Slug + "/messaggi" + path).Is(http.StatusNotFound)
	}
}

// TestEveryWordIsThere holds the texts against what the program may say: audiences,
// states, and every reason for which a message is not sent, as the sources name them.
func TestEveryWordIsThere(t *testing.T) {
	t.Parallel()
	has := func(key string) {
		t.Helper()
		if !page.Texts().Has(key) {
			t.Errorf("no text for %s", key)
		}
	}
	for _, word := range definition.Audiences {
		has("ledger.to." + word)
	}
	for _, s := range []notify.Status{
		notify.Queued, notify.Sending, notify.Sent, notify.Deferred, notify.Failed, notify.Bounced, notify.Complained, notify.Suppressed, notify.Expired,
	} {
		has("ledger.status." + string(s))
		has("ledger.means." + string(s))
	}
	codes := reasons(t)
	if len(codes) < 14 {
		t.Fatalf("only %v: the scan is broken", codes)
	}
	for code, file := range codes {
		if !page.Texts().Has("ledger.reason." + code) {
			t.Errorf("%s: nobody is told what %q means: ledger.reason.%s", file, code, code)
		}
	}
}

// reasonIs finds where a reason code is given, see notify.Verdict.
var reasonIs = []*regexp.Regexp{
	regexp.MustCompile(`(?:Reason:|Verdict\{|cmp\.Or\((?:why|v\.Reason), )\s*"([a-z_]+)"`),
	regexp.MustCompile(`(?:skip|out|told|reasons)\[[^\]]+\] = "([a-z_]+)"`),
	regexp.MustCompile(`\b(?:reason|why)\s*(?:=|:=|:)\s*"([a-z_]+)"`),
	regexp.MustCompile(`r\.skip\([^,]+, "([a-z_]+)"`),
	regexp.MustCompile(`suppressed_why = '([a-z_]+)'`),
	regexp.MustCompile(`(?s)THEN '([a-z_]+)'(?: END)? AS why`),
	regexp.MustCompile(`THEN '([a-z_]+)'\s+WHEN s\.`),
	regexp.MustCompile(`skip\.(?:ever|now|until|later)\([^,]+, "([a-z_]+)"`),
	regexp.MustCompile(`HeldBack = "([a-z_]+)"`),
	regexp.MustCompile(`return "([a-z_]+)", nil`),
}

// reasons are the codes that notify, its channels and the domain's answers to it
// name, each with a file.
func reasons(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	root := filepath.Join("..", "..", "..")
	for _, dir := range []string{"notify", "notify/channel", "process/message"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			if rest := strings.TrimPrefix(path, filepath.Join(root, "notify")+"/"); dir == "notify" && strings.Contains(rest, "/") {
				return nil // templates, webhooks, the reading of reports
			}
			if e.Name() == "postmaster.go" {
				return nil // what comes back has other words
			}
			source, err := os.ReadFile(path)
			for _, p := range reasonIs {
				for _, m := range p.FindAllStringSubmatch(string(source), -1) {
					out[m[1]] = path
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
