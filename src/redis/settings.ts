import type { Address } from './address.ts'

/** How Redis is reached: one server, a set with Sentinels, or a Cluster. Redis 7.0 or newer, or Valkey. */
export type RedisSettings = AccessSettings & (ServerSettings | SentinelSettings | ClusterSettings)

/** What all servers that keep data have in common. */
export interface AccessSettings {
  /**
   * ACL user. It needs, for keys with the prefix, also for what scripts send:
   * `+get +set +getdel +getrange +del +pexpire +type +hget +hset +hmget +hdel +hscan +hlen +zadd +zrange +zrem +zcount
   * +xadd +xread +xrange +xrevrange +eval +evalsha +wait +time`; to know whom it talks to `+info +role +client|setname`, for
   * a database other than 0 `+select`, in a Cluster `+exists +cluster|slots +cluster|info +asking +readonly +readwrite`.
   * `+config|get` is asked for once and not missed: without it nobody is warned that nothing is kept on disk.
   */
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Followed: another password in it is used from then on. */
  readonly passwordFile?: PasswordFile | undefined
  readonly tls?: TlsSettings | undefined
  readonly commandTimeoutMs?: number | undefined
  readonly connectTimeoutMs?: number | undefined
  /** How many replicas have to hold a write before it counts as safe; undefined: one, where there are any. */
  readonly replicasToAcknowledge?: number | undefined
}

export interface ServerSettings extends Address {
  readonly database?: number | undefined
  readonly sentinel?: undefined
  readonly cluster?: undefined
}

export interface SentinelSettings {
  readonly sentinel: {
    /** What the Sentinels call the master. */
    readonly masterName: string
    /** Every Sentinel there is: a majority is a majority of these. */
    readonly addresses: readonly Address[]
    /** ACL user at the Sentinels; it needs `+sentinel|get-master-addr-by-name`. */
    readonly username?: string | undefined
    readonly password?: string | undefined
    readonly passwordFile?: PasswordFile | undefined
    /** Towards the Sentinels; that towards the servers is apart. */
    readonly tls?: TlsSettings | undefined
  }
  readonly database?: number | undefined
  readonly cluster?: undefined
}

export interface ClusterSettings {
  readonly cluster: {
    /** Some of its nodes; they name the others. */
    readonly addresses: readonly Address[]
  }
  readonly sentinel?: undefined
}

export interface TlsSettings {
  /** PEM texts. None: the system's authorities. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** The name that the server's certificate must hold, if it is not the host's. */
  readonly servername?: string | undefined
}

/** A file that says a password, also after the start. */
export interface PasswordFile {
  readonly path: string
  /** What the file holds: the password alone, or a URL with the password in it. */
  readonly holds: 'Password' | 'Url'
}
