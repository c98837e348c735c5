package fault

import (
	"fmt"
	"runtime/debug"
)

// Caught runs fn and turns a panic into an error with its stack: for loops in
// which one poisoned row must not stop the others.
func Caught(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}
