package notify

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"arengo/process/fault"
	"arengo/process/pg"
)

// prepare asks the last questions about a claimed batch. What must not be sent
// goes to the results at once; the rest comes back with its facts, the urgent
// first.
func (r *run) prepare(claimed []Delivery) []job {
	if len(claimed) == 0 {
		return nil
	}
	now, err := r.Clock.Now(r.ctx, r.DB)
	if err != nil {
		return r.giveBack(claimed, err)
	}
	notices, err := r.Outbox.notices(r.ctx, r.DB, claimed)
	if err != nil {
		return r.giveBack(claimed, err)
	}
	groups := map[[2]int64][]Delivery{}
	for _, d := range claimed {
		n, found := notices[d.notice()]
		if n.Paused { // since it was claimed
			r.release(d, "")
			continue
		}
		if out, stop := obstacle(d, n, found, now); stop {
			out.delivery, out.worker = d, r.name
			r.results <- out
			continue
		}
		groups[d.notice()] = append(groups[d.notice()], d)
	}
	asked, lost := r.questions(notices, groups, now)
	slices.SortFunc(asked, inOrder)
	jobs, err := r.courteous(asked)
	if err = cmp.Or(lost, err); err != nil {
		r.stop(err)
	}
	return jobs
}

// inOrder puts the urgent first, then what came first.
func inOrder(a, b job) int {
	return cmp.Or(cmp.Compare(a.delivery.Priority, b.delivery.Priority), cmp.Compare(a.delivery.ID, b.delivery.ID))
}

// questions asks about each notice. Where the source fails its deliveries are
// deferred; when the database is gone, or the run is being stopped, they are given back.
func (r *run) questions(notices map[[2]int64]Notice, groups map[[2]int64][]Delivery, now time.Time) (jobs []job, lost error) {
	for key, group := range groups {
		var more []job
		// A panic of the source concerns this notice alone.
		err := fault.Caught(func() (err error) {
			more, err = r.question(notices[key], group, now)
			return err
		})
		switch {
		case err != nil && (pg.Lost(err) || r.ctx.Err() != nil):
			lost = err // or cut short, because the other feeder met the same
			for _, d := range group {
				r.release(d, "")
			}
		case err != nil:
			r.Log.ErrorContext(r.ctx, "deliveries could not be prepared",
				"process_id", key[0], "notice_id", key[1], "count", len(group), "error", err)
			for _, d := range group {
				r.results <- r.troubled(d)
			}
		default:
			jobs = append(jobs, more...)
		}
	}
	return jobs, lost
}

// obstacle finds what stands against a delivery in the rows themselves.
func obstacle(d Delivery, n Notice, found bool, now time.Time) (out result, stop bool) {
	_, known := KindNamed(n.Kind)
	switch {
	case !found:
		return result{status: Suppressed, why: "notice_gone"}, true
	case !n.CancelledAt.IsZero():
		return result{status: Suppressed, why: "cancelled"}, true
	case !now.Before(n.ExpiresAt):
		return result{status: Expired}, true
	case d.Attempts >= maxAttempts:
		return result{status: Failed, reply: "given up after too many attempts"}, true
	case !known:
		return result{status: Failed, reply: "unknown kind of notice"}, true
	}
	return result{}, false
}

// question asks the source about one notice and the persons of a batch.
func (r *run) question(n Notice, group []Delivery, now time.Time) (jobs []job, err error) {
	persons, addresses := make([]int64, len(group)), make([]string, len(group))
	for i, d := range group {
		persons[i], addresses[i] = d.PersonID, d.Address
	}
	blocked, err := r.channel.Blocked(r.ctx, r.DB, n.occasion(), addresses)
	if err != nil {
		return nil, fmt.Errorf("addresses of %s: %w", n.Kind, err)
	}
	verdicts, err := r.Outbox.source.Check(r.ctx, r.DB, n, persons)
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", n.Kind, err)
	}
	facts, err := r.Outbox.source.Facts(r.ctx, r.DB, n, persons)
	if err != nil {
		return nil, fmt.Errorf("facts of %s: %w", n.Kind, err)
	}
	for _, d := range group {
		f, known := facts[d.PersonID]
		v, refused := verdicts[d.PersonID]
		gone := blocked[d.Address]
		switch {
		case gone != "":
			r.skip(d, gone)
		case refused && !v.Until.IsZero():
			r.wait(d, v, now)
		case refused:
			r.skip(d, cmp.Or(v.Reason, "refused"))
		case !known:
			r.skip(d, "no_facts")
		default:
			f.Recipient.Name = cmp.Or(f.Recipient.Name, d.Name)
			f.Recipient.Locale = cmp.Or(f.Recipient.Locale, d.Locale)
			jobs = append(jobs, job{delivery: d, notice: n, facts: f, now: now})
		}
	}
	return jobs, nil
}

// shortest is the least that a delivery is put off, so that one which is due
// again at once does not keep a drain from its end.
const shortest = 5 * time.Second

// wait puts a delivery off, which is no attempt. Instants of the process's clock
// are kept as spans from now: the ledger's are those of the database.
func (r *run) wait(d Delivery, v Verdict, now time.Time) {
	r.results <- result{
		delivery: d, worker: r.name, status: Deferred, delay: max(v.Until.Sub(now), shortest), reply: cmp.Or(v.Reason, "put_off"),
	}
}

func (r *run) skip(d Delivery, why string) {
	r.results <- result{delivery: d, worker: r.name, status: Suppressed, why: why}
}

// giveBack releases a batch and stops the run: the database is in trouble.
func (r *run) giveBack(claimed []Delivery, err error) []job {
	r.stop(err)
	for _, d := range claimed {
		r.release(d, "")
	}
	return nil
}
