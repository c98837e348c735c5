package edit

import (
	"regexp"
	"strconv"
	"strings"
)

var ownName = regexp.MustCompile(`-p[0-9]+$`)

// NameFor is the name of the definition that a process makes of another: that
// one's name and the process's number, or the same again where it was made by the
// process before.
func NameFor(name string, processID int64) string {
	suffix := "-p" + strconv.FormatInt(processID, 10)
	if strings.HasSuffix(name, suffix) {
		return name
	}
	return OriginOf(name) + suffix
}

// OriginOf is the name of the definition that one of a process's own was made of,
// and any other name itself.
func OriginOf(name string) string { return ownName.ReplaceAllString(name, "") }
