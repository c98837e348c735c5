package memory

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"slices"

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

// LogOf is Log of one instance alone.
func (s *Store) LogOf(_ context.Context, ref row.Ref, after int64, limit int) ([]row.Log, map[int64]row.Text, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var log []row.Log
	for _, r := range s.logs[ref.ProcessID] {
		if r.ActivityID == ref.ActivityID && r.Seq > after && (limit == 0 || len(log) < limit) {
			log = append(log, r)
		}
	}
	return s.copied(log)
}

// BriefLog is the whole Log of a process without facts, but for those of the
// transitions named, and of what was an exception.
func (s *Store) BriefLog(_ context.Context, processID int64, factual []string) ([]row.Log, map[int64]row.Text, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	log, texts, err := s.copied(s.logs[processID])
	for i := range log {
		if !slices.Contains(factual, log[i].Transition) && !excepted(log[i]) {
			log[i].Facts = nil
		}
	}
	return log, texts, err
}

func excepted(r row.Log) bool {
	var facts struct{ Exception json.RawMessage }
	return json.Unmarshal(r.Facts, &facts) == nil && facts.Exception != nil
}

// Passages are the rows of an instance's log, in order, that enter a state, and
// those of acts; of those that are factual alone with the facts.
func (s *Store) Passages(_ context.Context, ref row.Ref, acts, factual []string) ([]row.Log, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []row.Log
	for _, r := range s.logs[ref.ProcessID] {
		enters := r.Event != "" || r.From == ""
		if r.ActivityID != ref.ActivityID || !enters && !slices.Contains(acts, r.Transition) {
			continue
		}
		p := row.Log{Seq: r.Seq, EffectiveAt: r.EffectiveAt, Transition: r.Transition, Event: r.Event, From: r.From, To: r.To}
		if slices.Contains(factual, r.Transition) {
			p.Facts = r.Facts
		}
		out = append(out, p)
	}
	return out, nil
}

// LatestLog is the last row of one instance's log but those of some acts, or none.
func (s *Store) LatestLog(_ context.Context, ref row.Ref, but ...string) ([]row.Log, map[int64]row.Text, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.logs[ref.ProcessID]
	for i := len(log) - 1; i >= 0; i-- {
		if r := log[i]; r.ActivityID == ref.ActivityID && (r.Event != "" || !slices.Contains(but, r.Transition)) {
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
