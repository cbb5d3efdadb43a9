{{- /* gatehouse.yaml; every setting of it: docs/reference/configuration.md */ -}}
{{- define "gatehouse.config" -}}
{{- $v := .Values -}}
{{- $name := include "gatehouse.fullname" . -}}
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
  redis: {{- include "gatehouse.redisConfig" . | nindent 4 }}
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
sessions: {{- include "gatehouse.given" $v.sessions | nindent 2 }}
revocation: {{- toYaml $v.revocation | nindent 2 }}
# The file, if it is one, is named by GATEHOUSE_AUDIT_FILE: each pod has its own.
audit: { output: {{ include "gatehouse.auditOutput" . | quote }} }
{{- if $v.admin.enabled }}
admin: {{- include "gatehouse.adminConfig" . | nindent 2 }}
{{- end }}
log: {{- toYaml $v.log | nindent 2 }}
shutdown: {{- toYaml $v.shutdown | nindent 2 }}
hostClaims: {{- toYaml $v.hostClaims | nindent 2 }}
{{- end -}}

{{- /* Those settings of an object that are given. */ -}}
{{- define "gatehouse.given" -}}
{{- $given := dict -}}
{{- range $key, $value := . -}}{{- if ne (toString $value) "" -}}{{- $_ := set $given $key $value -}}{{- end -}}{{- end -}}
{{- toYaml $given -}}
{{- end -}}
