{{- /* What the annotations are made of, in CEL. */ -}}
{{- define "gatehouse.wiringVariables" -}}
- name: given
  expression: object.metadata.annotations
# The application that decides: the one that is named, else the one made of the Ingress. What is no name, and both
# annotations together, come to the latter, which then lets nobody in.
- name: named
  expression: variables.given[?'access.gatehouse.dev/application'].orValue('').trim()
- name: application
  expression: >-
    !('access.gatehouse.dev/policies' in variables.given) && size(variables.named) <= 253 &&
    variables.named.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$') ?
    variables.named : object.metadata.?name.orValue('')
# The mark by which the controller knows later what to take back: names of proxies, separated by commas. Where it is not
# certain who serves an Ingress, the controller writes several, and they stay.
- name: mark
  expression: >-
    '{{ .controller }}' in variables.given[?'access.gatehouse.dev/wired'].orValue('').split(',') ?
    string(variables.given['access.gatehouse.dev/wired']) : '{{ .controller }}'
{{- if eq .controller "ingress-nginx" }}
# The controller asks nobody about paths that begin like this, whatever the annotations say. Challenges of a certificate
# authority may.
- name: isRewritten
  expression: >-
    variables.given[?'nginx.ingress.kubernetes.io/use-regex'].orValue('false') != 'false' ||
    variables.given[?'nginx.ingress.kubernetes.io/rewrite-target'].orValue('') != ''
- name: hasUnaskedPath
  expression: >-
    has(object.spec.rules) && object.spec.rules.exists(rule, has(rule.http) && rule.http.paths.exists(one, has(one.path) &&
    one.path.startsWith('/.well-known/acme-challenge') &&
    (variables.isRewritten || !one.path.matches('^/[.]well-known/acme-challenge(/[A-Za-z0-9_-]*)?$'))))
# What would let requests past the check: then no URL is written, and the controller answers 503.
- name: opensUnchecked
  expression: >-
    variables.hasUnaskedPath ||
    variables.given[?'nginx.ingress.kubernetes.io/satisfy'].orValue('all') != 'all' ||
    variables.given[?'nginx.ingress.kubernetes.io/ssl-passthrough'].orValue('false') != 'false' ||
    'nginx.ingress.kubernetes.io/auth-cache-duration' in variables.given ||
    'nginx.ingress.kubernetes.io/auth-request-redirect' in variables.given ||
    !(variables.given[?'nginx.ingress.kubernetes.io/auth-always-set-cookie'].orValue('true') in ['true', 'false']) ||
    'nginx.ingress.kubernetes.io/auth-snippet' in variables.given ||
    variables.given[?'nginx.ingress.kubernetes.io/custom-http-errors'].orValue('').matches('(^|[,\\s])[+]?0*40[13]([,\\s]|$)')
- name: bufferSize
  expression: variables.given[?'nginx.ingress.kubernetes.io/proxy-buffer-size'].orValue('')
{{- else }}
# Traefik makes one dash of every run of other characters than letters and digits, so names must be free of them:
# z stands as zz, - as zh, . as zd, and zs stands between namespace and application.
- name: ownPrefix
  expression: >-
    '{{ regexReplaceAll "-+" .root.Release.Namespace "-" }}-' + request.namespace.replace('z', 'zz').replace('-', 'zh').replace('.', 'zd') + 'zs'
- name: ownEntry
  expression: >-
    variables.ownPrefix + variables.application.replace('z', 'zz').replace('-', 'zh').replace('.', 'zd') +
    '@kubernetescrd'
- name: otherEntries
  expression: >-
    variables.given[?'traefik.ingress.kubernetes.io/router.middlewares'].orValue('').split(',').filter(entry,
    entry.trim() != '' && !(entry.trim().startsWith(variables.ownPrefix) && entry.trim().endsWith('@kubernetescrd')))
{{- end }}
{{- end -}}

{{- define "gatehouse.wiring.ingress-nginx" -}}
'access.gatehouse.dev/wired': variables.mark,
'nginx.ingress.kubernetes.io/auth-url': variables.opensUnchecked ? 'shut' : '{{ include "gatehouse.checkUrl" . }}/ingress-nginx/app/' + request.namespace + '/' + variables.application + '?m=$request_method&h=$host&u=$escaped_request_uri',
'nginx.ingress.kubernetes.io/auth-signin': 'https://$host/.gatehouse/login?rd=$escaped_request_uri',
'nginx.ingress.kubernetes.io/auth-response-headers': 'Gatehouse-Jwt-Assertion,X-Auth-Request-User,X-Auth-Request-Email,X-Auth-Request-Groups,X-Auth-Request-Preferred-Username,Cookie,Gatehouse-Token',
'nginx.ingress.kubernetes.io/proxy-buffer-size':
  (variables.bufferSize.matches('^[0-9]{1,9}$') && int(variables.bufferSize) >= 16384) ||
  (variables.bufferSize.matches('^[0-9]{1,9}[kK]$') && int(variables.bufferSize.substring(0, size(variables.bufferSize) - 1)) >= 16) ||
  (variables.bufferSize.matches('^[0-9]{1,9}[mM]$') && int(variables.bufferSize.substring(0, size(variables.bufferSize) - 1)) >= 1)
  ? variables.bufferSize : '16k'
{{- end -}}

{{- define "gatehouse.wiring.traefik" -}}
'access.gatehouse.dev/wired': variables.mark,
'traefik.ingress.kubernetes.io/router.middlewares': ([variables.ownEntry] + variables.otherEntries).join(',')
{{- end -}}
