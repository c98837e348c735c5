package civil

import (
	"sync"
	"time"
)

// zones keeps what time.LoadLocation would read from a file at each call; only
// names that exist get in, of which there are some hundreds.
var zones sync.Map

// Zone is time.LoadLocation, which reads a file, for names that come again and
// again.
func Zone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, zone)
	}
	return zone, err
}
