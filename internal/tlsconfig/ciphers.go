package tlsconfig

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
)

// cipher is a TLS 1.2 cipher suite under OpenSSL's name, which is what redis-cli's users write.
// Suites that crypto/tls calls insecure for more than their lack of forward secrecy are left out.
type cipher struct {
	name string
	id   uint16
}

var ciphers = [...]cipher{
	{"ECDHE-ECDSA-AES128-GCM-SHA256", tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
	{"ECDHE-RSA-AES128-GCM-SHA256", tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
	{"ECDHE-ECDSA-AES256-GCM-SHA384", tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384},
	{"ECDHE-RSA-AES256-GCM-SHA384", tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384},
	{"ECDHE-ECDSA-CHACHA20-POLY1305", tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256},
	{"ECDHE-RSA-CHACHA20-POLY1305", tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256},
	{"ECDHE-ECDSA-AES128-SHA", tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA},
	{"ECDHE-RSA-AES128-SHA", tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA},
	{"ECDHE-ECDSA-AES256-SHA", tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA},
	{"ECDHE-RSA-AES256-SHA", tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA},
	{"AES128-GCM-SHA256", tls.TLS_RSA_WITH_AES_128_GCM_SHA256},
	{"AES256-GCM-SHA384", tls.TLS_RSA_WITH_AES_256_GCM_SHA384},
	{"AES128-SHA", tls.TLS_RSA_WITH_AES_128_CBC_SHA},
	{"AES256-SHA", tls.TLS_RSA_WITH_AES_256_CBC_SHA},
}

// cipherIDs reads a list of TLS 1.2 ciphers under OpenSSL's or the standard's names. OpenSSL's
// keywords (HIGH, !aNULL …) are not understood, and saying so beats guessing.
func cipherIDs(list string) ([]uint16, error) {
	if list == "" {
		return nil, nil
	}
	var ids []uint16
	for _, name := range strings.Split(list, ":") {
		i := slices.IndexFunc(ciphers[:], func(c cipher) bool {
			return strings.EqualFold(name, c.name) || strings.EqualFold(name, tls.CipherSuiteName(c.id))
		})
		if i < 0 {
			return nil, fmt.Errorf("--tls-ciphers: %q is not one of the TLS 1.2 ciphers known here: %s",
				name, cipherNames())
		}
		ids = append(ids, ciphers[i].id)
	}
	return ids, nil
}

func cipherNames() string {
	names := make([]string, len(ciphers))
	for i, c := range ciphers {
		names[i] = c.name
	}
	return strings.Join(names, " ")
}

// onlySuites makes a check that ends a TLS 1.3 handshake which settled on a suite outside the
// list. crypto/tls always offers all three suites of TLS 1.3, so this is the way to keep the
// promise that nothing is sent under another one.
func onlySuites(list string) (func(tls.ConnectionState) error, error) {
	if list == "" {
		return nil, nil
	}
	known := []uint16{
		tls.TLS_AES_128_GCM_SHA256, tls.TLS_AES_256_GCM_SHA384, tls.TLS_CHACHA20_POLY1305_SHA256,
	}
	var allowed []uint16
	for _, name := range strings.Split(list, ":") {
		i := slices.IndexFunc(known, func(id uint16) bool { return name == tls.CipherSuiteName(id) })
		if i < 0 {
			return nil, fmt.Errorf("--tls-ciphersuites: %q is no TLS 1.3 suite; there are %s, %s and %s",
				name, tls.CipherSuiteName(known[0]), tls.CipherSuiteName(known[1]),
				tls.CipherSuiteName(known[2]))
		}
		allowed = append(allowed, known[i])
	}
	return func(state tls.ConnectionState) error {
		if state.Version < tls.VersionTLS13 || slices.Contains(allowed, state.CipherSuite) {
			return nil
		}
		return fmt.Errorf("the server chose %s, which --tls-ciphersuites does not allow",
			tls.CipherSuiteName(state.CipherSuite))
	}, nil
}
