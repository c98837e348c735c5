package process

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/notify/channel"
	"arengo/notify/digest"
	"arengo/notify/pace"
	"arengo/process/fault"
	"arengo/process/once"
	"arengo/process/pg"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
)

// Waker is told after a commit that there may be something to do. It must not
// block and may be lost: sweeps find whatever was not woken for.
type Waker interface{ Wake() }

// Config is what a Service works with; all of it is required but Waker, Ways, Witness and Ahead.
type Config struct {
	DB          *bun.DB
	Definitions *definition.Library
	Clock       workflow.Clock
	Kinds       *Kinds
	Links       *Links
	BaseURL     string                       // without a trailing slash
	Source      func(*Service) notify.Source // message.New
	Log         *slog.Logger
	Waker       Waker
	// Ways are the channels that people are reached by, mail alone when there are none.
	// Whatever drains the outbox has to have all of them.
	Ways []channel.Reach

	// Witness writes down what other programs are to be told, such as
	// subscription.Witness; nil tells none.
	Witness func(*Service) workflow.Witness
	// Ahead is what Witness asks of every process, to be read with its locks.
	Ahead func(tx pg.Tx, id ID) pg.Step
	// Pace is at which hours people are written to, and how often; the zero value
	// knows neither quiet hours nor a limit.
	Pace pace.Rules
	// Loopback lets other programs of this machine be told, in development.
	Loopback bool
	// Patience is how long a message may wait to be sent before somebody is told;
	// five minutes when zero.
	Patience time.Duration
}

// Service holds the use cases. It has no state of its own; any number may run
// beside one database.
type Service struct {
	db          *bun.DB
	definitions *definition.Library
	clock       workflow.Clock
	kinds       *Kinds
	links       *Links
	baseURL     string
	log         *slog.Logger
	waker       Waker
	engine      *workflow.Engine
	conduct     *conduct.Conduct
	outbox      *notify.Outbox
	asked       func(tx pg.Tx, id ID) pg.Step
	loopback    bool
	patience    time.Duration
}

// sweepLanes is how many processes a sweep moves at once: as many as tasks run
// beside each other, each on a connection.
const sweepLanes = 4

// New makes a service, its engine and its outbox.
func New(c Config) *Service {
	s := &Service{
		db: c.DB, definitions: c.Definitions, clock: c.Clock, kinds: c.Kinds,
		links: c.Links, baseURL: c.BaseURL, log: c.Log, waker: c.Waker, asked: c.Ahead, loopback: c.Loopback,
		patience: cmp.Or(c.Patience, 5*time.Minute),
	}
	s.engine = workflow.NewEngine(c.Definitions, c.Clock, facter{s}, c.Log)
	s.conduct = conduct.New(s.engine, stage{s}, c.Clock, c.Log)
	s.conduct.Widen(sweepLanes)
	s.outbox = notify.NewOutbox(digest.Wrap(c.Source(s), c.Clock, c.Log), c.Ways...)
	s.outbox.Keep(c.Pace)
	if c.Witness != nil {
		s.engine.Tell(c.Witness(s))
	}
	return s
}

// DB is the database, for the stores of kinds.
func (s *Service) DB() *bun.DB { return s.db }

// Engine is the workflow engine, for the reading of logs and plans; moves go
// through the Service, which carries out their effects.
func (s *Service) Engine() *workflow.Engine { return s.engine }

// Outbox is where notices are written.
func (s *Service) Outbox() *notify.Outbox { return s.outbox }

// Links derives personal addresses.
func (s *Service) Links() *Links { return s.links }

// Kinds lists the kinds of activity.
func (s *Service) Kinds() *Kinds { return s.kinds }

// Definitions holds the workflow definitions that something new may begin with,
// and those that this node met. What runs has its own: ask the Engine.
func (s *Service) Definitions() *definition.Library { return s.definitions }

// BaseURL is the address of the site, without a trailing slash.
func (s *Service) BaseURL() string { return s.baseURL }

// Log is where what nobody is shown is written.
func (s *Service) Log() *slog.Logger { return s.log }

// Loopback reports that other programs of this machine may be told.
func (s *Service) Loopback() bool { return s.loopback }

// Patience is how long a message may wait to be sent before somebody is told.
func (s *Service) Patience() time.Duration { return s.patience }

// Now reads the clock once, for a use case that takes no lock. Inside a
// transaction it is called after the last lock.
func (s *Service) Now(ctx context.Context, db bun.IDB) (time.Time, error) {
	return s.engine.Now(ctx, db)
}

// InTx runs one use case in one transaction and wakes the workers after it.
func (s *Service) InTx(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	if err := pg.InTx(ctx, s.db, fn); err != nil {
		return err
	}
	s.Wake()
	return nil
}

// inAct is InTx for the use cases that move something, see pg.InAct.
func (s *Service) inAct(ctx context.Context, fn func(ctx context.Context, tx pg.Tx) error) error {
	if err := pg.InAct(ctx, s.db, fn); err != nil {
		return err
	}
	s.Wake()
	return nil
}

// ahead is what the witness of a move will ask.
func (s *Service) ahead(tx pg.Tx, id ID) []pg.Step {
	if s.asked == nil {
		return nil
	}
	return []pg.Step{s.asked(tx, id)}
}

// opening is what a use case knows that begins by moving something.
type opening struct {
	process Process
	held    []heldRole
}

// open locks a process and reads what a move of an instance of it needs: in one
// message to the database where that is possible.
func (s *Service) open(ctx context.Context, tx bun.IDB, r workflow.Ref, who Actor) (o opening, err error) {
	id := ID(r.ProcessID)
	lock := processLock(id)
	steps := []pg.Step{lock.step()}
	if who.SignedIn() {
		steps = append(steps, heldRolesStep(id, who.Person, &o.held))
	}
	if act, ok := tx.(pg.Tx); ok {
		steps = append(append(steps, s.ahead(act, id)...), s.engine.Opening(act, r)...)
	}
	if err := pg.Send(ctx, tx, steps...); err != nil {
		return o, fmt.Errorf("begin a move: %w", err)
	}
	o.process, err = lock.process()
	return o, err
}

// InTxAfter is InTx for the use cases that thousands call: the transaction
// begins with the opening steps, which are its locks and what is read under
// them, and then the clock, all in one message to the database. A step without
// its row is an error, see pg.NoRows.
func (s *Service) InTxAfter(ctx context.Context, opening []pg.Step, fn func(ctx context.Context, tx pg.Tx, now time.Time) error) error {
	var now time.Time
	clock, told := s.clock.(workflow.StatementClock)
	if told {
		opening = append(opening[:len(opening):len(opening)], clock.Step(&now))
	}
	err := pg.InTxAfter(ctx, s.db, opening, func(ctx context.Context, tx pg.Tx) (err error) {
		if !told {
			if now, err = s.clock.Now(ctx, tx); err != nil {
				return err
			}
		}
		return fn(ctx, tx, now.UTC())
	})
	if err != nil {
		return err
	}
	s.Wake()
	return nil
}

// keepForms is how long a form that was sent can be sent again without making
// a second thing.
const keepForms = 7 * 24 * time.Hour

// PurgeForms forgets forms sent more than a week ago, at most limit of each
// scope, and returns how many it forgot.
func (s *Service) PurgeForms(ctx context.Context, limit int) (int, error) {
	now, err := s.clock.Now(ctx, s.db)
	if err != nil {
		return 0, err
	}
	return once.Purge(ctx, s.db, now.Add(-keepForms), limit)
}

// Wake tells the workers that there may be something to do.
func (s *Service) Wake() {
	if s.waker != nil {
		s.waker.Wake()
	}
}

// begin opens a use case that changes a process: locks it, reads the time and
// asks the policy.
func (s *Service) begin(ctx context.Context, tx bun.IDB, id ID, who Actor, act Act) (Process, time.Time, error) {
	p, err := lockProcess(ctx, tx, id)
	if err != nil {
		return Process{}, time.Time{}, err
	}
	now, err := s.clock.Now(ctx, tx)
	if err != nil {
		return Process{}, time.Time{}, err
	}
	_, err = s.allow(ctx, tx, p, who, act)
	return p, now, err
}

// Begin is begin for the use cases of kinds: it locks the process, reads the
// time after the lock and asks the policy.
func (s *Service) Begin(ctx context.Context, tx bun.IDB, id ID, who Actor, act Act) (Process, time.Time, error) {
	return s.begin(ctx, tx, id, who, act)
}

// allow asks the policy about a process as it stands.
func (s *Service) allow(ctx context.Context, db bun.IDB, p Process, who Actor, act Act) (Standing, error) {
	standing, err := s.standing(ctx, db, p.ID, who)
	if err != nil {
		return standing, err
	}
	at, err := s.situation(ctx, db, p)
	if err != nil {
		return standing, err
	}
	return standing, Allow(act, standing, at)
}

func (s *Service) situation(ctx context.Context, db bun.IDB, p Process) (Situation, error) {
	inst, err := s.engine.Instance(ctx, db, p.Ref())
	if err != nil {
		return Situation{}, err
	}
	def, err := s.engine.Resolve(ctx, db, inst.Definition, inst.Version)
	if err != nil {
		return Situation{}, err
	}
	return Situation{Published: p.Published(), Final: def.Final(inst.State)}, nil
}

// Gate is what a page needs to know before it shows anything of a process.
type Gate struct {
	Process  Process
	Standing Standing
	At       Situation
}

// Enter finds a process by its slug and asks the policy whether the actor may
// do act; the refusals are those of Allow.
func (s *Service) Enter(ctx context.Context, slug string, who Actor, act Act) (Gate, error) {
	p, err := selectProcess(ctx, s.db, "p.slug = ?", slug)
	if fault.Is(err, fault.NotFound) {
		// What an outsider is told of one that is not published yet.
		return Gate{}, cmp.Or(Allow(act, Standing{Actor: who}, Situation{}), err)
	}
	if err != nil {
		return Gate{}, err
	}
	standing, err := s.standing(ctx, s.db, p.ID, who)
	if err != nil {
		return Gate{}, err
	}
	at, err := s.situation(ctx, s.db, p)
	if err != nil {
		return Gate{}, err
	}
	return Gate{Process: p, Standing: standing, At: at}, Allow(act, standing, at)
}

// LoadProcess gives one process; fault.NotFound "process.not_found" when there
// is none. db is the caller's transaction, or the service's database.
func (s *Service) LoadProcess(ctx context.Context, db bun.IDB, id ID) (Process, error) {
	return loadProcess(ctx, db, id)
}
