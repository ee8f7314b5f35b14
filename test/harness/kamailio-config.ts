export interface KamailioPorts {
  /** UDP and TCP. */
  readonly plain: number
  readonly tls: number
}

export interface KamailioRouting {
  /** The SIP domain it is responsible for. */
  readonly domain: string
  /** Digest user to password. */
  readonly users: Readonly<Record<string, string>>
  /** RFC 8760 names; MD5 is what most PBXs still ask for. */
  readonly digest?: 'MD5' | 'SHA-256'
  /** Users that are reached at a fixed address without registering: user to SIP URI. */
  readonly routes?: Readonly<Record<string, string>>
  /** Listens on ::1 in the place of an IPv4 address. */
  readonly ipv6?: boolean
  /** Keeps flows apart and answers STUN on its UDP port (RFC 5626). */
  readonly outbound?: boolean
  /** Control port of the rtpengine that turns the media of `routes` into plain RTP. */
  readonly mediaRelayPort?: number
  /** User to whom no REFER is let through, as many trunks are. */
  readonly noReferTo?: string
  /**
   * Users to whom no change of a running call is let through. Debian's baresip plays, and records, nothing more after a
   * hold: what it is to hear then must come without one.
   */
  readonly noReinviteTo?: readonly string[]
  /** Users for whom the proxy itself answers: user to status and reason phrase. */
  readonly replies?: Readonly<Record<string, readonly [status: number, reason: string]>>
}

export interface KamailioFiles {
  readonly host: string
  readonly ports: KamailioPorts
  readonly certificateFile: string
  readonly keyFile: string
}

/**
 * A whole kamailio.cfg without a database. Contacts are replaced by the address that a message came from
 * (`alias` parameter), so that a phone behind TLS is reached over the connection it opened itself (RFC 5626 in
 * effect), which is the only way to reach it. A Contact that is a GRUU stays, and leads to where that phone is
 * registered at the time (RFC 5627 §5.1).
 */
export function kamailioConfig(options: KamailioRouting & KamailioFiles): string {
  const {
    domain,
    users,
    host: ipv4,
    ports,
    digest = 'MD5',
    routes = {},
    replies = {},
    mediaRelayPort,
    noReferTo,
    noReinviteTo = [],
  } = options
  const host = options.ipv6 ? '[::1]' : ipv4
  return `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=1
tcp_children=1
enable_tls=yes
auto_aliases=no
alias="${domain}"
listen=udp:${host}:${ports.plain}
listen=tcp:${host}:${ports.plain}
listen=tls:${host}:${ports.tls}
tcp_connection_lifetime=3600
tcp_reuse_port=no

${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
${options.outbound ? outboundModules : ''}
${mediaRelayPort === undefined ? '' : relayModule(mediaRelayPort)}

modparam("usrloc", "db_mode", 0)
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
modparam("htable", "htable", "users=>size=6;")
modparam("auth", "algorithm", "${digest}")
modparam("tls", "certificate", "${options.certificateFile}")
modparam("tls", "private_key", "${options.keyFile}")
modparam("tls", "tls_method", "TLSv1.2+")

event_route[htable:mod-init] {
${Object.entries(users)
  .map(([user, password]) => `  $sht(users=>${user}) = "${password}";`)
  .join('\n')}
}

event_route[core:worker-one-init] {
  xlog("L_NOTICE", "harness: ready\\n");
}

request_route {
  xlog("L_NOTICE", "harness: request $rm $ru $proto $aa\\n");
  force_rport();
  if (!mf_process_maxfwd_header("10")) {
    sl_send_reply("483", "Too Many Hops");
    exit;
  }
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("$td", "$sht(users=>$au)", "0")) {
      www_challenge("$td", "1");
      exit;
    }
    fix_nated_register();
    save("location");
    exit;
  }
  if (is_method("OPTIONS") && uri == myself && $rU == $null) {
    sl_send_reply("200", "OK");
    exit;
  }
  if (is_method("INVITE|UPDATE") && !($ct =~ ";gr=")) set_contact_alias();
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  if (has_totag()) {
    route(IN_DIALOG);
    exit;
  }
  t_check_trans();
  if (is_method("INVITE")) {
    if (!pv_proxy_authenticate("$fd", "$sht(users=>$au)", "0")) {
      proxy_challenge("$fd", "1");
      exit;
    }
    consume_credentials();
    record_route();
  }
${Object.entries(replies)
  .map(
    ([user, [status, reason]]) => `  if ($rU == "${user}") {
    sl_send_reply("${status}", "${reason}");
    exit;
  }`,
  )
  .join('\n')}
${Object.entries(routes)
  .map(
    ([user, uri]) => `  if ($rU == "${user}") {
    $ru = "${uri}";
${mediaRelayPort === undefined ? '' : relayOffer}
    route(RELAY);
    exit;
  }`,
  )
  .join('\n')}
  if (!lookup("location")) {
    sl_send_reply("404", "Not Found");
    exit;
  }
${mediaRelayPort === undefined ? '' : relayOffer.replace('    ', '  if (is_method("INVITE")) ')}
  route(RELAY);
}

route[IN_DIALOG] {
${
  noReferTo === undefined
    ? ''
    : `  if (is_method("REFER") && $tU == "${noReferTo}") {
    sl_send_reply("405", "Method Not Allowed");
    exit;
  }`
}
${noReinviteTo
  .map(
    (user) => `  if (is_method("INVITE") && $tU == "${user}") {
    sl_send_reply("488", "Not Acceptable Here");
    exit;
  }`,
  )
  .join('\n')}
  if (loose_route()) {
    if ($ru =~ ";gr=" && uri == myself) {
      if (!lookup("location")) {
        sl_send_reply("480", "Temporarily Unavailable");
        exit;
      }
    } else handle_ruri_alias();
    route(RELAY);
    exit;
  }
  if (is_method("ACK")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  sl_send_reply("404", "Not Here");
}

route[RELAY] {
  t_on_reply("FROM_CALLEE");
  if (!t_relay()) sl_reply_error();
}

onreply_route[FROM_CALLEE] {
  if (!($ct =~ ";gr=")) set_contact_alias();
${mediaRelayPort === undefined ? '' : relayAnswer}
}
`
}

const outboundModules = `loadmodule "stun.so"
loadmodule "outbound.so"
modparam("outbound", "flow_token_secret", "01234567890123456789")
modparam("registrar", "outbound_mode", 1)
modparam("registrar", "flow_timer", 20)`

const relayModule = (port: number) => `loadmodule "rtpengine.so"
modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:${port}")`
/** The caller's side keeps what it offered (RTP/SAVP); toward the callee it becomes RTP/AVP. */
const relayOffer = '    rtpengine_offer("RTP/AVP ICE=remove replace-origin replace-session-connection");'
const relayAnswer = `  if (has_body("application/sdp") && status =~ "^(18|2)") {
    rtpengine_answer("replace-origin replace-session-connection");
  }`

const modules = [
  ...['tm', 'tmx', 'sl', 'rr', 'pv', 'maxfwd', 'textops', 'siputils', 'xlog'],
  ...['usrloc', 'registrar', 'nathelper', 'htable', 'auth', 'tls'],
]
