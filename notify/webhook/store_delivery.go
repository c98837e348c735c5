package webhook

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
)

// Telling is one thing to tell: the entry Seq of the log of a process, or a test
// when both are 0. Event is one of Events, or Ping.
type Telling struct {
	ProcessID int64
	Seq       int64
	Event     string
	At        time.Time
}

// Listeners are the addresses that want to be told of an event of a process, by
// the organisation that leads it. It is asked at every transition, mostly for
// nobody.
func Listeners(ctx context.Context, tx bun.IDB, processID int64, event string) ([]int64, error) {
	if known, ok := pg.Kept(tx, newListening); ok && known.to[processID] != nil {
		return known.to[processID][event], nil
	}
	row, err := pg.QueryRow(ctx, tx, `SELECT coalesce(string_agg(w.id::text, ','), '') FROM process p
		JOIN webhook w ON w.organisation_id = p.organisation_id
		WHERE p.id = $1 AND w.paused_at IS NULL AND $2 = ANY (w.events)`, processID, event)
	var text string
	if err == nil {
		err = row.Scan(&text)
	}
	if err != nil || text == "" {
		return nil, wrap("look for webhooks", err)
	}
	var ids []int64
	for part := range strings.SplitSeq(text, ",") {
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("look for webhooks: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// listening is what a transaction knows of those who want to be told: of each
// process that it asked for, by event.
type listening struct{ to map[int64]map[string][]int64 }

func newListening() *listening { return &listening{map[int64]map[string][]int64{}} }

// Ahead asks for all Listeners of a process, together with what else its
// transaction begins with.
func Ahead(tx pg.Tx, processID int64) pg.Step {
	known, _ := pg.Kept(tx, newListening)
	hooks := map[string][]int64{}
	known.to[processID] = hooks
	return pg.Step{
		Query: `SELECT w.id, e.event FROM process p JOIN webhook w ON w.organisation_id = p.organisation_id, unnest(w.events) AS e (event)
			WHERE p.id = $1 AND w.paused_at IS NULL`,
		Args: []any{processID},
		Each: func(scan pg.Scan) error {
			var id int64
			var event string
			err := scan(&id, &event)
			hooks[event] = append(hooks[event], id)
			return err
		},
	}
}

// Add writes a delivery to one address in the caller's transaction. The same
// entry of a log is told to an address once.
func Add(ctx context.Context, tx bun.IDB, hook int64, publicID string, t Telling, body string) error {
	_, err := tx.NewRaw(`INSERT INTO webhook_delivery (process_id, webhook_id, public_id, seq, event, body, created_at, status, due_at)
		VALUES (?, ?, ?, nullif(?, 0), ?, ?, ?, 'pending', clock_timestamp()) ON CONFLICT DO NOTHING`,
		t.ProcessID, hook, publicID, t.Seq, t.Event, body, t.At).Exec(ctx)
	return wrap("tell a webhook", err)
}

type deliveryRow struct {
	bun.BaseModel `bun:"table:webhook_delivery,alias:d"`

	ProcessID int64
	ID        int64
	WebhookID int64
	PublicID  string
	Seq       int64 `bun:",nullzero"`
	Event     string
	Body      string
	CreatedAt time.Time
	Status    Status
	Attempts  int
	DueAt     time.Time
	LastAt    *time.Time
	LastCode  int    `bun:",nullzero"`
	LastMS    int    `bun:"last_ms,nullzero"`
	LastError string `bun:",nullzero"`
	Process   string `bun:",scanonly"`
	Title     string `bun:",scanonly"`
}

func (r deliveryRow) delivery() Delivery {
	return Delivery{
		ProcessID: r.ProcessID, ID: r.ID, WebhookID: r.WebhookID, PublicID: r.PublicID, Seq: r.Seq, Event: r.Event, Body: r.Body,
		CreatedAt: r.CreatedAt, Status: r.Status, Attempts: r.Attempts, DueAt: r.DueAt, LastAt: r.LastAt, LastCode: r.LastCode,
		LastMS: r.LastMS, LastError: r.LastError, Process: r.Process, Title: r.Title,
	}
}

const deliveryColumns = `d.process_id, d.id, d.webhook_id, d.public_id, coalesce(d.seq, 0) AS seq, d.event, d.body, d.created_at, d.status,
	d.attempts, d.due_at, d.last_at, coalesce(d.last_code, 0) AS last_code, coalesce(d.last_ms, 0) AS last_ms, coalesce(d.last_error, '') AS last_error`

// Deliveries gives the newest of an address, with their processes.
func Deliveries(ctx context.Context, db bun.IDB, hook int64, limit int) ([]Delivery, error) {
	var rows []deliveryRow
	err := db.NewRaw(`SELECT `+deliveryColumns+`, coalesce(p.slug, '') AS process, coalesce(p.title, '') AS title
		FROM webhook_delivery d LEFT JOIN process p ON p.id = d.process_id
		WHERE d.webhook_id = ? ORDER BY d.id DESC LIMIT ?`, hook, limit).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	out := make([]Delivery, len(rows))
	for i, r := range rows {
		out[i] = r.delivery()
	}
	return out, nil
}

// Again sends a delivery of an address once more, with its identifier, whatever
// became of it; fault.NotFound "connect.delivery_unknown". One that is in hand is
// left alone.
func Again(ctx context.Context, tx bun.IDB, hook int64, publicID string) error {
	var n int
	err := tx.NewRaw(`WITH again AS (UPDATE webhook_delivery SET status = 'pending', attempts = 0, due_at = clock_timestamp()
			WHERE webhook_id = ?0 AND public_id = ?1 AND status <> 'claimed')
		SELECT count(*) FROM webhook_delivery WHERE webhook_id = ?0 AND public_id = ?1`, hook, publicID).Scan(ctx, &n)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "connect.delivery_unknown")
	}
	return wrap("send a delivery again", err)
}

// claimed is a delivery in hand, with where it goes.
type claimed struct {
	Delivery
	Hook Hook
}

// ofOne is how many deliveries to one address are in hand at once: a slow one
// must not keep all workers. Who claims holds the address, so that nobody counts
// at the same time.
const ofOne = 2

// claim takes what is due under a lease; false when nothing is. Each claim is an
// attempt, so that one which kills its worker does not do so for ever: beyond
// Attempts it is given up unsent.
func claim(ctx context.Context, db bun.IDB, worker string, lease time.Duration) (claimed, bool, error) {
	var row struct {
		deliveryRow
		URL        string
		HookPublic string
		Generation int
	}
	err := db.NewRaw(`WITH due AS (
			SELECT d.process_id, d.id, w.url, w.public_id AS hook_public, w.generation FROM webhook w CROSS JOIN LATERAL (
				SELECT process_id, id FROM webhook_delivery
				WHERE webhook_id = w.id AND status IN ('pending', 'claimed') AND coalesce(lease_until, due_at) <= clock_timestamp()
				ORDER BY coalesce(lease_until, due_at), id LIMIT 1 FOR UPDATE SKIP LOCKED) d
			WHERE w.paused_at IS NULL
				AND NOT EXISTS (SELECT FROM channel_pause WHERE channel = 'webhook' AND until IS NULL)
				AND (SELECT count(*) FROM webhook_delivery h
				WHERE h.webhook_id = w.id AND h.status = 'claimed' AND h.lease_until > clock_timestamp()) < ? LIMIT 1
			FOR NO KEY UPDATE OF w SKIP LOCKED)
		UPDATE webhook_delivery d SET status = 'claimed', claimed_by = ?, attempts = d.attempts + 1,
			lease_until = clock_timestamp() + make_interval(secs => ?)
		FROM due WHERE d.process_id = due.process_id AND d.id = due.id
		RETURNING `+deliveryColumns+`, due.url, due.hook_public, due.generation`, ofOne, worker, lease.Seconds()).Scan(ctx, &row)
	if pg.NoRows(err) {
		return claimed{}, false, nil
	}
	if err != nil {
		return claimed{}, false, fmt.Errorf("claim a delivery: %w", err)
	}
	hook := Hook{ID: row.WebhookID, PublicID: row.HookPublic, URL: row.URL, Generation: row.Generation}
	return claimed{row.delivery(), hook}, true, nil
}

// result is what became of a claimed delivery.
type result struct {
	claimed
	worker string
	status Status
	delay  time.Duration // until the next attempt
	code   int
	why    string
	ms     int
	pause  string // why the address is to be paused, "" when it is not
}

// record writes down an attempt, and what it says of the address. One delivery
// that is never taken does not pause an address which took others meanwhile: it
// is Failing when nothing was taken for as long as a delivery is tried. Somebody
// else's by now, when the lease ran out, is left to them.
func record(ctx context.Context, db bun.IDB, r result) error {
	_, err := db.NewRaw(`WITH done AS (UPDATE webhook_delivery SET status = ?0, claimed_by = NULL, lease_until = NULL,
				due_at = clock_timestamp() + make_interval(secs => ?1), last_at = clock_timestamp(),
				last_code = nullif(?2, 0), last_ms = ?3, last_error = nullif(?4, '')
			WHERE process_id = ?5 AND id = ?6 AND status = 'claimed' AND claimed_by = ?7 RETURNING webhook_id),
		counted AS (INSERT INTO channel_minute (channel, minute, node, status, deliveries)
			SELECT 'webhook', date_trunc('minute', clock_timestamp(), 'UTC'), ?7, CASE ?0 WHEN 'pending' THEN 'deferred' ELSE ?0 END, 1 FROM done
			ON CONFLICT (channel, minute, node, status) DO UPDATE SET deliveries = channel_minute.deliveries + 1),
		said AS (SELECT w.id, ?8 = ?9 OR ?8 = ?10 AND w.failing_since <= clock_timestamp() - make_interval(secs => ?11) AS stop
			FROM done JOIN webhook w ON w.id = done.webhook_id)
		UPDATE webhook w SET
			failing_since = CASE WHEN ?0 = 'sent' THEN NULL WHEN ?4 = ?12 THEN w.failing_since ELSE coalesce(w.failing_since, clock_timestamp()) END,
			paused_at = CASE WHEN said.stop THEN coalesce(w.paused_at, clock_timestamp()) ELSE w.paused_at END,
			paused_why = CASE WHEN said.stop THEN coalesce(w.paused_why, ?8) ELSE w.paused_why END
		FROM said WHERE w.id = said.id`,
		r.status, r.delay.Seconds(), r.code, r.ms, r.why, r.ProcessID, r.ID, r.worker, r.pause, Gone, Failing, span.Seconds(), ReasonLost).Exec(ctx)
	return wrap("record a delivery", err)
}

// hold locks an address, which claims lock before deliveries as well, and reports
// whether it is told of anything.
func hold(ctx context.Context, tx bun.IDB, hook int64) (running bool, err error) {
	err = tx.NewRaw(`SELECT paused_at IS NULL FROM webhook WHERE id = ? FOR NO KEY UPDATE`, hook).Scan(ctx, &running)
	if pg.NoRows(err) {
		return false, nil // taken away meanwhile
	}
	return running, wrap("hold a webhook", err)
}

// paused reports whether an address is told of nothing.
func paused(ctx context.Context, tx bun.IDB, hook int64) (rests bool, err error) {
	err = tx.NewRaw(`SELECT paused_at IS NOT NULL FROM webhook WHERE id = ?`, hook).Scan(ctx, &rests)
	return rests, wrap("read a webhook", err)
}

// Purge forgets deliveries that were made before an instant, what waits at an
// address that is paused included, at most limit, and returns how many it
// forgot.
func Purge(ctx context.Context, db bun.IDB, before time.Time, limit int) (int, error) {
	res, err := db.NewRaw(`DELETE FROM webhook_delivery WHERE (process_id, id) IN (SELECT process_id, id FROM webhook_delivery
		WHERE status <> 'claimed' AND created_at < ? LIMIT ?)`, before, limit).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("forget deliveries: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
