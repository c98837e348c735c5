package setup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// conflict tells a person that somebody else saved while they wrote: what is
// saved now stands beside what they wrote, field by field, where they differ.
type conflict struct{ Rows []conflictRow }

// conflictRow is one field of a conflict.
type conflictRow struct{ Label, Saved, Yours string }

func (c *conflict) add(label, saved, yours string) {
	if saved != yours {
		c.Rows = append(c.Rows, conflictRow{label, saved, yours})
	}
}

// digest names what a form was made from, for what has no revision.
func digest(parts ...any) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%q;", fmt.Sprint(p)) // a hash never fails to write
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// revision reads the hidden field of a form; 0 matches no saved revision.
func revision(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
