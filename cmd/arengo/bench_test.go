package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/place"
	"arengo/process/processtest"
	"arengo/process/roster"
)

// The sizes of the measurements. All of them together take less than six
// minutes on two cores.
const (
	crowd       = 10_000 // contacts of the process
	sendings    = 2000   // responses a round, of each side
	rounds      = 5
	mailRounds  = 3
	clients     = 8
	sets        = 8 // of answers, one for each eighth of the people
	benchSecret = "bench-bench-bench-bench-bench-bench-"
)

// BenchmarkArengo measures this program beside yardsticks on the same servers
// in the same run, in interleaved rounds, and prints the table that
// docs/performance.md holds. Run it by `make bench`, whose servers write as
// carefully as in production.
func BenchmarkArengo(b *testing.B) {
	h := newHouse(b)
	web := h.start("serve")
	h.ready()
	t := &table{b: b}
	h.measureSubmissions(t, web)
	h.measurePages(t)
	t.memory(web)
	h.measureMail(t)
	t.print(h.machine())
}

// house is one Arengo on servers of its own, with the demonstration and a
// process of ten thousand contacts.
type house struct {
	b       *testing.B
	app     *app
	sink    *processtest.Sink
	env     []string
	base    string
	process process.Process
	who     process.Actor
	answers []string // sets of twenty answers, as JSON
}

func newHouse(b *testing.B) *house {
	b.Helper()
	h := &house{b: b, sink: processtest.SMTP(b)}
	addr := freeAddress(b)
	h.base = "http://" + addr
	values := map[string]string{
		"ARENGO_DATABASE_URL": processtest.DatabaseURL(b), "ARENGO_REDIS_URL": processtest.Redis(b),
		"ARENGO_QUIET_FROM": "00:00", "ARENGO_QUIET_UNTIL": "00:00", // whatever the hour
		"ARENGO_SMTP_URL": h.sink.URL(), "ARENGO_BASE_URL": h.base, "ARENGO_ADDR": addr,
		"ARENGO_SECRET": benchSecret, "ARENGO_MAIL_FROM": "arengo@example.org",
		// Eight clients stand for thousands of people, each with an address.
		"ARENGO_TRUSTED_PROXIES": "127.0.0.1",
	}
	for name, value := range values {
		h.env = append(h.env, name+"="+value)
	}
	config, err := loadConfig(func(name string) string { return values[name] })
	h.must(err)
	h.app, err = newApp(b.Context(), config, slog.New(slog.DiscardHandler))
	h.must(err)
	b.Cleanup(func() { h.must(h.app.close()) })
	h.must(h.app.seed(b.Context()))
	h.settle()
	return h
}

func (h *house) must(err error) {
	h.b.Helper()
	if err != nil {
		h.b.Fatal(err)
	}
}

// settle makes the promoter, the process and its contacts, and invents answers.
func (h *house) settle() {
	h.b.Helper()
	ctx, core := h.b.Context(), h.app.core
	var org process.OrganisationID
	h.must(core.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		now := time.Now()
		if org, err = place.FindOrAdd(ctx, tx, place.Organisation{Name: "Comune di Prova", Kind: "municipality"}, now); err != nil {
			return err
		}
		id, err := process.FindOrAddPerson(ctx, tx, process.Person{Email: "promotrice@bench.example.org", Name: "Ada Prova"}, now)
		if err != nil {
			return err
		}
		if err := place.AddPromoter(ctx, tx, org, id, now); err != nil {
			return err
		}
		h.who, err = process.LoadActor(ctx, tx, id)
		return err
	}))
	var err error
	h.process, err = core.Create(ctx, h.who, process.NewProcess{
		Template: "area-path", Title: "Percorso di misura", OrganisationID: org,
		StartsOn: today(),
	})
	h.must(err)
	_, err = core.DB().NewRaw("UPDATE process SET published_at = created_at WHERE id = ?", h.process.ID).Exec(ctx)
	h.must(err)
	var sheet strings.Builder
	sheet.WriteString("email;nome\n")
	for i := range crowd {
		fmt.Fprintf(&sheet, "persona.%05d@bench.example.org;Persona %d\n", i, i)
	}
	file := roster.File{Name: "contatti.csv", Data: []byte(sheet.String())}
	file.Sum = roster.Sum(file.Data)
	report, err := roster.New(core).Import(ctx, h.process.ID, h.who, file)
	h.must(err)
	if report.Loaded() != crowd {
		h.b.Fatalf("%d contacts loaded, want %d", report.Loaded(), crowd)
	}
	h.answers = wholeAnswers(h.b, sets)
}

// questionnaire makes one that is ready to be opened, without invitations.
func (h *house) questionnaire() process.Activity {
	h.b.Helper()
	return readyQuestionnaire(h.b, h.app.core, h.process.ID, h.who)
}

func (h *house) move(a process.Activity, transition string) {
	h.b.Helper()
	_, err := h.app.core.Advance(h.b.Context(), h.process.ID, h.who, process.Move{Activity: a.ID, Transition: transition})
	h.must(err)
}

// inviteAll invites every contact and says how long that took.
func (h *house) inviteAll(a process.Activity) time.Duration {
	h.b.Helper()
	begun := time.Now()
	n, err := roster.New(h.app.core).Invite(h.b.Context(), h.process.ID, a.ID, h.who, roster.Selection{All: true})
	h.must(err)
	if n != crowd {
		h.b.Fatalf("%d invited, want %d", n, crowd)
	}
	return time.Since(begun)
}

func (h *house) exec(sql string, args ...any) {
	h.b.Helper()
	_, err := h.app.db.NewRaw(sql, args...).Exec(h.b.Context())
	h.must(err)
}

func (h *house) count(sql string, args ...any) (n int) {
	h.b.Helper()
	h.must(h.app.db.NewRaw(sql, args...).Scan(h.b.Context(), &n))
	return n
}

// start runs a command of the program until the end. Its output goes to a file,
// as a service's does, and not through this process.
func (h *house) start(command string) *exec.Cmd {
	h.b.Helper()
	path, err := binary()
	h.must(err)
	log, err := os.Create(filepath.Join(h.b.TempDir(), command+".log"))
	h.must(err)
	cmd := exec.Command(path, command)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.b.TempDir()}, h.env...)
	cmd.Stdout, cmd.Stderr = log, log
	h.must(cmd.Start())
	h.b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = log.Close()
		if h.b.Failed() {
			text := read(h.b, log.Name())
			h.b.Logf("arengo %s printed:\n%s", command, text[max(0, len(text)-4000):])
		}
	})
	return cmd
}

func (h *house) ready() {
	h.b.Helper()
	processtest.Eventually(h.b, "the site answers", func() bool {
		res, err := http.Get(h.base + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// table collects the lines of the report.
type table struct {
	b     *testing.B
	lines []string
}

// line adds a figure, its yardstick and what was aimed at; empty cells are
// left so.
func (t *table) line(what, figure, beside, aim string) {
	t.lines = append(t.lines, fmt.Sprintf("| %s | %s | %s | %s |", what, figure, beside, aim))
}

func (t *table) print(machine string) {
	var out strings.Builder
	fmt.Fprintf(&out, "\n%s\n\n| | Arengo | Beside it, in the same run | Aim |\n|---|---|---|---|\n", machine)
	out.WriteString(strings.Join(t.lines, "\n"))
	out.WriteString("\n\n")
	if _, err := os.Stdout.WriteString(out.String()); err != nil {
		t.b.Error(err)
	}
}

// series are the figures of the rounds.
type series []float64

func (s series) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// over gives the median of the ratios of the rounds.
func (s series) over(other series) float64 {
	var ratios series
	for i := range s {
		ratios = append(ratios, s[i]/other[i])
	}
	return ratios.median()
}

// spread writes the least and the greatest.
func (s series) spread(format string) string {
	return fmt.Sprintf(format+"–"+format, slices.Min(s), slices.Max(s))
}

func inFile(b *testing.B, name, text string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}
