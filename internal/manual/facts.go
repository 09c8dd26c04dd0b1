package manual

import "strings"

// What servers know by name and do not tell of. Each list is split when it is needed.
const (
	// infoSections are what INFO can be asked for, up to Redis 8 and Valkey 9.
	infoSections = "all clients cluster commandstats cpu default errorstats everything keysizes keyspace latencystats " +
		"memory modules persistence replication server stats threads"
	// aclCategories are those of Redis 7; the last ones came with the modules of Redis 8.
	aclCategories = "admin bitmap blocking connection dangerous fast geo hash hyperloglog keyspace list pubsub read " +
		"scripting set slow sortedset stream string transaction write bloom cms cuckoo json search tdigest timeseries topk"
	// aclRules are the rules of ACL SETUSER that are a word; the others begin with a sign.
	aclRules = "on off allkeys resetkeys allchannels resetchannels allcommands nocommands nopass resetpass reset " +
		"clearselectors sanitize-payload skip-sanitize-payload +@all -@all"
	keyTypes = "string list set zset hash stream"
	yesNo    = "yes no"
)

// keyType is the word by which SCAN's TYPE knows the keys of a group's commands, empty where they
// take any.
func keyType(group string) string {
	switch group {
	case "string", "bitmap", "hyperloglog":
		return "string"
	case "list", "hash", "set", "stream":
		return group
	case "sorted-set", "geo":
		return "zset"
	case "json":
		return "ReJSON-RL"
	case "timeseries":
		return "TSDB-TYPE"
	case "bf":
		return "MBbloom--"
	case "cf":
		return "MBbloomCF"
	case "cms":
		return "CMSk-TYPE"
	case "topk":
		return "TopK-TYPE"
	case "tdigest":
		return "TDIS-TYPE"
	case "vector_set":
		return "vectorset"
	}
	return ""
}

// wanted is what an argument of a command in that group holds, and the words it may be if they are
// known.
func wanted(a *Argument, group string) (what What, words string) {
	switch a.Name {
	case "field":
		if group == "hash" {
			return Field, ""
		}
	case "member", "member1", "member2":
		return Member, ""
	case "group", "groupname":
		if group == "stream" {
			return Group, ""
		}
	case "channel", "shardchannel":
		return Channel, ""
	case "client-id":
		return ClientID, ""
	case "parameter":
		if group == "server" {
			return ConfigName, ""
		}
	case "section":
		return InfoSection, infoSections
	case "category", "categoryname":
		return ACLCategory, aclCategories
	case "rule":
		return ACLRule, aclRules
	case "command-name", "command":
		return CommandName, ""
	case "type":
		if group == "generic" {
			return Value, keyTypes
		}
	case "yes/no":
		return Value, yesNo
	}
	switch {
	case a.Kind == Key:
		return KeyName, ""
	case a.Kind == Pattern && group == "pubsub":
		return Channel, ""
	case a.Kind.isNumber():
		return Number, ""
	}
	return Value, ""
}

// categoriesFor are the ACL rules that name a category, for a partial word that is about to: +@h.
func categoriesFor(partial string) string {
	if len(partial) < 2 || partial[1] != '@' {
		return ""
	}
	sign := " " + partial[:2]
	return sign + strings.ReplaceAll(aclCategories, " ", sign)
}
