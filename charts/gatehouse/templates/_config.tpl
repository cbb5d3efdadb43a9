{{- /* gatehouse.yaml; every setting of it: docs/reference/configuration.md */ -}}
{{- define "gatehouse.config" -}}
{{- $v := .Values -}}
{{- $name := include "gatehouse.fullname" . -}}
{{- $redis := dict "urlFile" "/etc/gatehouse/redis/url" -}}
{{- if $v.redis.tls.existingSecret -}}
{{- $tls := dict "caFile" "/etc/gatehouse/redis-tls/ca.crt" -}}
{{- if $v.redis.tls.clientCertificate -}}
{{- $_ := set $tls "certFile" "/etc/gatehouse/redis-tls/tls.crt" -}}
{{- $_ := set $tls "keyFile" "/etc/gatehouse/redis-tls/tls.key" -}}
{{- end -}}
{{- with $v.redis.tls.serverName -}}{{- $_ := set $tls "serverName" . -}}{{- end -}}
{{- $_ := set $redis "tls" $tls -}}
{{- end -}}
{{- $classes := list -}}{{- $controllers := list -}}
{{- range $v.ingressClasses -}}
{{- $classes = append $classes .name -}}
{{- $controller := dict "className" .name "hostNetwork" (default false .hostNetwork) -}}
{{- with .pods -}}
{{- $_ := set $controller "namespace" .namespace -}}
{{- $_ := set $controller "podLabels" .labels -}}
{{- end -}}
{{- with .cidrs -}}{{- $_ := set $controller "cidrs" . -}}{{- end -}}
{{- $controllers = append $controllers $controller -}}
{{- end -}}
{{- $admission := ternary $classes (list) (eq (include "gatehouse.admissionPolicies" .) "true") -}}
auth:
  url: {{ $v.authUrl | trimSuffix "/" }}
namespace: {{ .Release.Namespace }}
listeners: {{- toYaml $v.listeners | nindent 2 }}
dialects: {{- toYaml $v.dialects | nindent 2 }}
resources:
  kubernetes: {}
store:
  type: Redis
  redis: {{- toYaml $redis | nindent 4 }}
keys:
  kubernetesSecret: {{ $name }}-keys
controller:
  enabled: true
  checkUrl: {{ include "gatehouse.checkUrl" . }}
  portalService: { name: {{ $name }}-portal, port: 8080 }
  lease: {{ $name }}-leader
  hostClaims: {{ $name }}-host-claims
  gatewayApi: {{ $v.gatewayAPI.enabled }}
  lockdown: {{ $v.lockdown.enabled }}
  admissionPolicies: {{- toYaml $admission | nindent 4 }}
  ingressControllers: {{- toYaml $controllers | nindent 4 }}
tokens: {{- toYaml $v.tokens | nindent 2 }}
sessions: {{- toYaml $v.sessions | nindent 2 }}
revocation: {{- toYaml $v.revocation | nindent 2 }}
log: {{- toYaml $v.log | nindent 2 }}
shutdown: {{- toYaml $v.shutdown | nindent 2 }}
hostClaims: {{- toYaml $v.hostClaims | nindent 2 }}
{{- end -}}
