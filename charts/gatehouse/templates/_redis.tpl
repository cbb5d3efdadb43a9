{{- /* How Redis is reached: url, sentinel or cluster. */ -}}
{{- define "gatehouse.redisForm" -}}
{{- if or .Values.redis.sentinel.masterName .Values.redis.sentinel.addresses -}}sentinel
{{- else if .Values.redis.cluster.addresses -}}cluster
{{- else -}}url
{{- end -}}
{{- end -}}

{{- /* store.redis of gatehouse.yaml. */ -}}
{{- define "gatehouse.redisConfig" -}}
{{- $r := .Values.redis -}}
{{- $form := include "gatehouse.redisForm" . -}}
{{- $redis := dict -}}
{{- if eq $form "sentinel" -}}
{{- $sentinel := pick $r.sentinel "masterName" "addresses" "database" -}}
{{- with $r.sentinel.username -}}{{- $_ := set $sentinel "username" . -}}{{- end -}}
{{- if $r.sentinel.passwordSecret.name -}}{{- $_ := set $sentinel "passwordFile" "/etc/gatehouse/sentinel-password/password" -}}{{- end -}}
{{- with include "gatehouse.redisTls" (dict "tls" $r.sentinel.tls "folder" "/etc/gatehouse/sentinel-tls") -}}{{- $_ := set $sentinel "tls" (fromYaml .) -}}{{- end -}}
{{- $_ := set $redis "sentinel" $sentinel -}}
{{- else if eq $form "cluster" -}}
{{- $_ := set $redis "cluster" (pick $r.cluster "addresses") -}}
{{- else -}}
{{- $_ := set $redis "urlFile" "/etc/gatehouse/redis/url" -}}
{{- end -}}
{{- with $r.username -}}{{- $_ := set $redis "username" . -}}{{- end -}}
{{- if $r.passwordSecret.name -}}{{- $_ := set $redis "passwordFile" "/etc/gatehouse/redis-password/password" -}}{{- end -}}
{{- if ne (toString $r.replicasToAcknowledge) "" -}}{{- $_ := set $redis "replicasToAcknowledge" $r.replicasToAcknowledge -}}{{- end -}}
{{- with include "gatehouse.redisTls" (dict "tls" $r.tls "folder" "/etc/gatehouse/redis-tls") -}}{{- $_ := set $redis "tls" (fromYaml .) -}}{{- end -}}
{{- toYaml $redis -}}
{{- end -}}

{{- /* TLS towards servers of Redis, whose certificates stand in a folder; nothing where there is none. */ -}}
{{- define "gatehouse.redisTls" -}}
{{- if or .tls.enabled .tls.existingSecret -}}
{{- $tls := dict -}}
{{- if .tls.existingSecret -}}{{- $_ := set $tls "caFile" (printf "%s/ca.crt" .folder) -}}{{- end -}}
{{- if .tls.clientCertificate -}}
{{- $_ := set $tls "certFile" (printf "%s/tls.crt" .folder) -}}
{{- $_ := set $tls "keyFile" (printf "%s/tls.key" .folder) -}}
{{- end -}}
{{- with .tls.serverName -}}{{- $_ := set $tls "serverName" . -}}{{- end -}}
{{- toYaml $tls -}}
{{- end -}}
{{- end -}}

{{- /* What is mounted for Redis, as a list of name, folder and volume. None is mounted by subPath, so all follow their Secrets. */ -}}
{{- define "gatehouse.redisVolumes" -}}
{{- $r := .Values.redis -}}
{{- $form := include "gatehouse.redisForm" . -}}
{{- if eq $form "url" }}
- name: redis
  secret:
    secretName: {{ default (printf "%s-redis" (include "gatehouse.fullname" .)) $r.existingSecret.name }}
    items: [{ key: {{ ternary $r.existingSecret.key "url" (ne $r.existingSecret.name "") }}, path: url }]
{{- end }}
{{- with $r.passwordSecret }}
{{- if .name }}
- name: redis-password
  secret: { secretName: {{ .name }}, items: [{ key: {{ .key }}, path: password }] }
{{- end }}
{{- end }}
{{- with $r.tls.existingSecret }}
- name: redis-tls
  secret: { secretName: {{ . }} }
{{- end }}
{{- if eq $form "sentinel" }}
{{- with $r.sentinel.passwordSecret }}
{{- if .name }}
- name: sentinel-password
  secret: { secretName: {{ .name }}, items: [{ key: {{ .key }}, path: password }] }
{{- end }}
{{- end }}
{{- with $r.sentinel.tls.existingSecret }}
- name: sentinel-tls
  secret: { secretName: {{ . }} }
{{- end }}
{{- end }}
{{- end -}}

{{- define "gatehouse.checkRedis" -}}
{{- $r := .Values.redis -}}
{{- $stores := list -}}
{{- if $r.existingSecret.name -}}{{- $stores = append $stores "redis.existingSecret.name" -}}{{- end -}}
{{- if $r.url -}}{{- $stores = append $stores "redis.url" -}}{{- end -}}
{{- if or $r.sentinel.masterName $r.sentinel.addresses -}}{{- $stores = append $stores "redis.sentinel" -}}{{- end -}}
{{- if $r.cluster.addresses -}}{{- $stores = append $stores "redis.cluster" -}}{{- end -}}
{{- if $r.trial.enabled -}}{{- $stores = append $stores "redis.trial.enabled" -}}{{- end -}}
{{- if not $stores -}}
{{- fail "\n\nSay where sessions are kept: set redis.existingSecret.name to a Secret whose key `url` holds redis://user:password@host:6379/0, or redis.url, redis.sentinel or redis.cluster, or, for trying out, redis.trial.enabled=true" -}}
{{- end -}}
{{- if gt (len $stores) 1 -}}
{{- fail (printf "\n\nSet only one of %s" (join " and " $stores)) -}}
{{- end -}}
{{- $form := include "gatehouse.redisForm" . -}}
{{- if and (eq $form "sentinel") (not (and $r.sentinel.masterName $r.sentinel.addresses)) -}}
{{- fail "\n\nredis.sentinel needs both: masterName, what the Sentinels call the master, and addresses, those of all Sentinels" -}}
{{- end -}}
{{- $isTls := or $r.tls.enabled $r.tls.existingSecret -}}
{{- if and $isTls $r.url (not (hasPrefix "rediss://" $r.url)) -}}
{{- fail "\n\nredis.tls is for a rediss:// URL; redis.url begins with redis://" -}}
{{- end -}}
{{- if and $r.trial.enabled (or $isTls $r.username $r.passwordSecret.name) -}}
{{- fail "\n\nredis.tls, redis.username and redis.passwordSecret do not go with redis.trial, which speaks no TLS and has a password of its own" -}}
{{- end -}}
{{- if and $r.url $r.passwordSecret.name (contains ":" (default "" (urlParse $r.url).userinfo)) -}}
{{- fail "\n\nredis.url holds a password: leave it out there, or leave redis.passwordSecret out" -}}
{{- end -}}
{{- range $name, $tls := dict "redis.tls" $r.tls "redis.sentinel.tls" $r.sentinel.tls -}}
{{- if and $tls.clientCertificate (not $tls.existingSecret) -}}
{{- fail (printf "\n\n%s.clientCertificate needs %s.existingSecret, a Secret with the keys ca.crt, tls.crt and tls.key" $name $name) -}}
{{- end -}}
{{- if and $tls.serverName (not (or $tls.enabled $tls.existingSecret)) -}}
{{- fail (printf "\n\n%s.serverName needs %s.existingSecret, a Secret with the key ca.crt, or %s.enabled" $name $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
