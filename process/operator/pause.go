package operator

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
)

// Webhook is the word for the channel of what other programs are told.
const Webhook = notify.Webhook

// maxWhy bounds the reason of a pause, in characters.
const maxWhy = 1000

// inline is how many deliveries are parked, or made due, before the answer: about
// a second's work. The sweep does the rest, and nothing of it is sent meanwhile.
const inline = 20_000

// act is one pause or its end, on the outbox; it reports whether anything changed.
type act func(ctx context.Context, tx bun.IDB, s notify.Stop) (bool, error)

// PauseNotice stops a notice until somebody resumes it: it is not expanded, and
// nothing of it is claimed from now on. What a worker has in hand still goes.
// Pausing what is paused already is no error. Refusals: fault.Invalid at "why",
// fault.Conflict "operator.notice_over" for one that has nothing left to send, or
// that is not known, and those of Allow for process.ActNoticePause; a notice of no
// process is an administrator's.
func (s *Service) PauseNotice(ctx context.Context, who process.Actor, processID process.ID, notice int64, why string) error {
	why, err := reason(why)
	if err != nil {
		return err
	}
	if err := s.mayNotice(ctx, who, processID); err != nil {
		return err
	}
	changed, err := s.do(ctx, who, why, func(ctx context.Context, tx bun.IDB, stop notify.Stop) (bool, error) {
		return s.outbox.Pause(ctx, tx, int64(processID), notice, stop)
	})
	if err != nil {
		return err
	}
	if changed {
		s.log.InfoContext(ctx, "notice paused", "process_id", processID, "notice_id", notice, "person_id", who.Person)
		s.settle(ctx)
		return nil
	}
	if paused, err := s.outbox.Paused(ctx, s.db, int64(processID), notice); err != nil || paused {
		return err
	}
	return fault.New(fault.Conflict, "operator.notice_over")
}

// ResumeNotice lets a notice go on at once; what became too late meanwhile expires
// unsent. Resuming what is not paused is no error. Refusals are those of Allow for
// process.ActNoticePause.
func (s *Service) ResumeNotice(ctx context.Context, who process.Actor, processID process.ID, notice int64) error {
	if err := s.mayNotice(ctx, who, processID); err != nil {
		return err
	}
	changed, err := s.do(ctx, who, "", func(ctx context.Context, tx bun.IDB, stop notify.Stop) (bool, error) {
		return s.outbox.Resume(ctx, tx, int64(processID), notice, stop)
	})
	if err != nil || !changed {
		return err
	}
	s.log.InfoContext(ctx, "notice resumed", "process_id", processID, "notice_id", notice, "person_id", who.Person)
	s.settle(ctx)
	s.wake()
	return nil
}

// PauseChannel stops a whole channel, Webhook among them, until somebody resumes
// it; of mail that means sign-in links too. Refusals: fault.Invalid at "why",
// fault.Invalid "operator.channel_unknown", and those of Allow for
// process.ActAdminister.
func (s *Service) PauseChannel(ctx context.Context, who process.Actor, channel, why string) error {
	why, err := reason(why)
	if err != nil {
		return err
	}
	return s.channel(ctx, who, channel, "channel paused", func(ctx context.Context, tx bun.IDB, stop notify.Stop) (bool, error) {
		stop.Why = why
		return s.outbox.PauseChannel(ctx, tx, channel, stop)
	})
}

// ResumeChannel lets a channel go on at once. Its refusals are those of
// PauseChannel, but for "why".
func (s *Service) ResumeChannel(ctx context.Context, who process.Actor, channel string) error {
	return s.channel(ctx, who, channel, "channel resumed", func(ctx context.Context, tx bun.IDB, stop notify.Stop) (bool, error) {
		return s.outbox.ResumeChannel(ctx, tx, channel, stop)
	})
}

func (s *Service) channel(ctx context.Context, who process.Actor, channel, said string, do act) error {
	if err := s.mayAdminister(who); err != nil {
		return err
	}
	if !slices.Contains(s.Channels(), channel) {
		return fault.New(fault.Invalid, "operator.channel_unknown")
	}
	changed, err := s.do(ctx, who, "", do)
	if err != nil || !changed {
		return err
	}
	s.log.WarnContext(ctx, said, "channel", channel, "person_id", who.Person)
	s.wake()
	return nil
}

// Channels names all that can be paused: the ways to people, then Webhook.
func (s *Service) Channels() []string { return append(s.outbox.Channels(), Webhook) }

func (s *Service) do(ctx context.Context, who process.Actor, why string, what act) (bool, error) {
	now, err := s.now(ctx)
	if err != nil {
		return false, err
	}
	return what(ctx, s.db, notify.Stop{By: int64(who.Person), Why: why, At: now})
}

// settle does at once what the sweep would do soon.
func (s *Service) settle(ctx context.Context) {
	if _, err := s.outbox.Settle(ctx, s.db, inline); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "deliveries are parked later", "error", err)
	}
}

func reason(why string) (string, error) {
	why = strings.TrimSpace(why)
	switch {
	case why == "":
		return "", fault.Field("why", "form.required")
	case utf8.RuneCountInString(why) > maxWhy:
		return "", fault.Field("why", "form.too_long", "max", maxWhy)
	}
	return why, nil
}

func (s *Service) mayAdminister(who process.Actor) error {
	if s.core == nil {
		return nil
	}
	return process.Allow(process.ActAdminister, process.Standing{Actor: who}, process.Situation{Published: true})
}

func (s *Service) mayNotice(ctx context.Context, who process.Actor, id process.ID) error {
	if s.core == nil {
		return nil
	}
	if int64(id) == notify.Account {
		return s.mayAdminister(who)
	}
	p, err := s.core.LoadProcess(ctx, s.db, id)
	if err != nil {
		return err
	}
	_, err = s.core.Enter(ctx, p.Slug, who, process.ActNoticePause)
	return err
}
