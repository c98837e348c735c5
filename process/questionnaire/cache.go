package questionnaire

import (
	"container/list"
	"sync"

	"arengo/process"
	"arengo/process/questionnaire/result"
)

// formKey names a published version, which never changes.
type formKey struct {
	process  process.ID
	activity process.ActivityID
	version  int
}

// tableKey names a questionnaire's figures.
type tableKey struct {
	process  process.ID
	activity process.ActivityID
}

// tabulated are figures with what they were made of: while that is the same,
// they are.
type tabulated struct {
	responses int64
	version   int
	results   *result.Results
}

// cache keeps the most recently used values, up to a number.
type cache[K comparable, V any] struct {
	mu    sync.Mutex
	most  int
	order *list.List // of entry[K, V], the latest first
	by    map[K]*list.Element
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func newCache[K comparable, V any](most int) *cache[K, V] {
	return &cache[K, V]{most: most, order: list.New(), by: make(map[K]*list.Element, most)}
}

func (c *cache[K, V]) get(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.by[key]
	if !ok {
		return value, false
	}
	c.order.MoveToFront(e)
	return e.Value.(entry[K, V]).value, true // nothing else is put in
}

func (c *cache[K, V]) put(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.by[key]; ok {
		e.Value = entry[K, V]{key, value}
		c.order.MoveToFront(e)
		return
	}
	c.by[key] = c.order.PushFront(entry[K, V]{key, value})
	if c.order.Len() > c.most {
		last := c.order.Back()
		delete(c.by, c.order.Remove(last).(entry[K, V]).key) // as above
	}
}
