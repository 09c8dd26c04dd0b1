package redisurl

import (
	"errors"
	"reflect"
	"testing"
)

func TestParseSentinel(t *testing.T) {
	one := func(master string, addrs ...string) *Sentinel { return &Sentinel{Addrs: addrs, Master: master} }
	for raw, want := range map[string]URL{
		"redis+sentinel://h/m":                  {Sentinel: one("m", "h:26379")},
		"redis+sentinel:///m":                   {Sentinel: one("m", "127.0.0.1:26379")},
		"redis+sentinel://:5/m":                 {Sentinel: one("m", "127.0.0.1:5")},
		"valkey+sentinel://h:1,i,[::1]:2/m/":    {Sentinel: one("m", "h:1", "i:26379", "[::1]:2")},
		"Rediss+Sentinel://h/my.master/3":       {TLS: true, Sentinel: one("my.master", "h:26379"), DB: 3, HasDB: true},
		"valkeys+sentinel://h/m?db=2":           {TLS: true, Sentinel: one("m", "h:26379"), DB: 2, HasDB: true},
		"redis+sentinel://u:p,/@w@h,i:1/m%2Dx/": {User: "u", Pass: "p,/@w", HasAuth: true, Sentinel: one("m-x", "h:26379", "i:1")},
		"redis+sentinel://pw@h/m?sentinel_user=u&sentinel_password=a%40%26": {Pass: "pw", HasAuth: true,
			Sentinel: &Sentinel{Addrs: []string{"h:26379"}, Master: "m", User: "u", Pass: "a@&", HasAuth: true}},
		"redis+sentinel://h/m?sentinel_password=x": {Sentinel: &Sentinel{Addrs: []string{"h:26379"}, Master: "m", Pass: "x", HasAuth: true}},
	} {
		if got, err := Parse(raw); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v %+v, %v; want %+v", raw, got, got.Sentinel, err, want)
		}
	}
}

func TestSentinelRefused(t *testing.T) {
	for raw, want := range map[string]error{
		"redis+sentinel://h":                                   ErrMaster,
		"redis+sentinel://h//3":                                ErrMaster,
		"redis+sentinel://h/a%20b":                             ErrMaster,
		"redis+sentinel://h/%1b[2J":                            ErrMaster,
		"redis+sentinel://h/m%2":                               ErrIncomplete,
		"redis+sentinel://h,,i/m":                              ErrHost,
		"redis+sentinel://h,/m":                                ErrHost,
		"redis+sentinel://h:0/m":                               ErrPort,
		"redis+sentinel://::1/m":                               ErrHost,
		"redis+sentinel://h/m/x":                               ErrDB,
		"redis+sentinel://h/m/1?db=2":                          ErrTwoDBs,
		"redis+sentinel://h/m?pass=x":                          ErrSentinelQuery,
		"redis+sentinel://h/m?sentinel_password=%zz":           ErrEncoding,
		"redis+sentinel://h/m?sentinel_password=a@b":           ErrMaster,
		"redis+sentinel://h/m?sentinel_user=a&sentinel_user=b": ErrTwoAuths,
		"redis+sentinel://h/m#f":                               ErrFragment,
		"redis://h?sentinel_user=a":                            ErrQuery,
		"sentinel://h/m":                                       ErrScheme,
	} {
		if got, err := Parse(raw); !errors.Is(err, want) || got != (URL{}) {
			t.Errorf("%q: got %+v, %v; want %v", raw, got, err, want)
		}
	}
}
