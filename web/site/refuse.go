package site

import "github.com/gin-gonic/gin"

// Refuse answers a request that no handler answers: an address that does not
// exist, a form from elsewhere, a panic. It asks neither session nor database,
// which may be what is broken.
func (s *Site) Refuse(c *gin.Context, err error) {
	s.write(s.request(c), err)
}
