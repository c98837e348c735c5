package memory

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"time"

	"arengo/workflow/row"
)

// Salt counts: what is rehearsed is no secret, and gives the same chain twice.
func (s *Store) Salt() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return binary.BigEndian.AppendUint64(make([]byte, 8, 16), uint64(s.next("salt")))
}

// AppendLog writes a sealed row and its text, unless that is empty. The row must
// continue the chain of its process.
func (s *Store) AppendLog(_ context.Context, r *row.Log, text *row.Text) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	log, by := s.logs[r.ProcessID], key{r.ProcessID, r.IdempotencyKey}
	head := []byte{}
	if len(log) > 0 {
		head = log[len(log)-1].Hash
	}
	switch {
	case r.Seq != int64(len(log))+1 || !bytes.Equal(r.PrevHash, head):
		return violation("transition_log_pkey")
	case r.IdempotencyKey != "" && s.keys[by] != 0:
		return violation("transition_log_key")
	case !slices.Contains([]string{"person", "timer", "system"}, r.ActorKind):
		return violation("transition_log_actor_check")
	}
	put(s, s.logs, r.ProcessID, append(log, *r))
	if r.IdempotencyKey != "" {
		put(s, s.keys, by, r.Seq)
	}
	if !text.Empty() {
		put(s, s.texts, entry{text.ProcessID, text.Seq}, *text)
	}
	return nil
}

// LogByKey is the row of an idempotency key, or nil.
func (s *Store) LogByKey(_ context.Context, processID int64, idempotency string) (*row.Log, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq := s.keys[key{processID, idempotency}]
	if seq == 0 {
		return nil, nil
	}
	r := s.logs[processID][seq-1]
	return &r, nil
}

// Log reads the log of a process in order, from after a sequence number, at
// most limit rows (0 is all), with the texts that are kept, by sequence number.
func (s *Store) Log(_ context.Context, processID, after int64, limit int) ([]row.Log, map[int64]row.Text, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.logs[processID]
	log = log[min(max(after, 0), int64(len(log))):]
	if limit > 0 {
		log = log[:min(limit, len(log))]
	}
	return s.copied(log)
}

// BriefLog is the whole Log of a process without facts, but for those of the
// transitions named.
func (s *Store) BriefLog(_ context.Context, processID int64, factual []string) ([]row.Log, map[int64]row.Text, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	log, texts, err := s.copied(s.logs[processID])
	for i := range log {
		if !slices.Contains(factual, log[i].Transition) {
			log[i].Facts = nil
		}
	}
	return log, texts, err
}

// Entries are the instants, the latest of each, from which an instance was in
// states; those that it never entered are left out.
func (s *Store) Entries(_ context.Context, ref row.Ref, states []string) (map[string]time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]time.Time{}
	for _, r := range s.logs[ref.ProcessID] {
		entered := r.ActivityID == ref.ActivityID && (r.Event != "" || r.From == "") // else an act that enters no state
		if entered && slices.Contains(states, r.To) && r.EffectiveAt.After(out[r.To]) {
			out[r.To] = r.EffectiveAt.UTC()
		}
	}
	return out, nil
}

// Rests are the suspensions of an instance that are over, in order: from an act
// that begins one to the next that ends it or that enters a state, see Entries.
func (s *Store) Rests(_ context.Context, ref row.Ref, begins, ends string) ([]row.Rest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []row.Rest
	var open *row.Rest
	for _, r := range s.logs[ref.ProcessID] {
		suspends := r.Transition == begins
		if r.ActivityID != ref.ActivityID || (!suspends && r.Transition != ends && r.Event == "") {
			continue
		}
		if open != nil {
			open.To = r.EffectiveAt.UTC()
			out, open = append(out, *open), nil
		}
		if suspends {
			open = &row.Rest{State: r.From, From: r.EffectiveAt.UTC()}
		}
	}
	return out, nil
}

// LatestLog is the last row of one instance's log, or none.
func (s *Store) LatestLog(_ context.Context, ref row.Ref) ([]row.Log, map[int64]row.Text, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.logs[ref.ProcessID]
	for i := len(log) - 1; i >= 0; i-- {
		if log[i].ActivityID == ref.ActivityID {
			return s.copied(log[i : i+1])
		}
	}
	return nil, nil, nil
}

func (s *Store) copied(log []row.Log) ([]row.Log, map[int64]row.Text, error) {
	texts := make(map[int64]row.Text, len(log))
	for _, r := range log {
		if text, ok := s.texts[entry{r.ProcessID, r.Seq}]; ok {
			texts[r.Seq] = text
		}
	}
	return slices.Clone(log), texts, nil
}
