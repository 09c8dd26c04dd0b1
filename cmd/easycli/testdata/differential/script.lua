return {#KEYS, #ARGV, KEYS[1] or false, ARGV[1] or false, redis.call('GET', 'str')}
