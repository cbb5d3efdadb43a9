{{- /* "true" if others than the pod itself may reach the admin listener: it never sends a token in plain text unasked. */ -}}
{{- define "gatehouse.adminIsExposed" -}}
{{- with .Values.admin -}}
{{- if and .enabled (or .tls.existingSecret .allowPlaintext) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{- /* admin of gatehouse.yaml. */ -}}
{{- define "gatehouse.adminConfig" -}}
{{- $a := .Values.admin -}}
{{- $admin := dict "host" (ternary "0.0.0.0" "127.0.0.1" (eq (include "gatehouse.adminIsExposed" .) "true")) "port" $a.port -}}
{{- if $a.bearerToken -}}{{- $_ := set $admin "tokenFile" "/etc/gatehouse/admin-token/token" -}}{{- end -}}
{{- if $a.tls.existingSecret -}}
{{- $tls := dict "certFile" "/etc/gatehouse/admin-tls/tls.crt" "keyFile" "/etc/gatehouse/admin-tls/tls.key" "allowedNames" $a.tls.allowedNames -}}
{{- if $a.tls.clientCASecret.name -}}{{- $_ := set $tls "clientCaFile" "/etc/gatehouse/admin-client-ca/ca.crt" -}}{{- end -}}
{{- $_ := set $admin "tls" $tls -}}
{{- else if $a.allowPlaintext -}}
{{- $_ := set $admin "allowPlaintext" true -}}
{{- end -}}
{{- toYaml $admin -}}
{{- end -}}

{{- /* What is mounted for it. */ -}}
{{- define "gatehouse.adminVolumes" -}}
{{- $a := .Values.admin -}}
{{- if $a.enabled }}
{{- if $a.bearerToken }}
- name: admin-token
  secret:
    secretName: {{ default (printf "%s-admin" (include "gatehouse.fullname" .)) $a.tokenSecret.name }}
    items: [{ key: {{ ternary $a.tokenSecret.key "token" (ne $a.tokenSecret.name "") }}, path: token }]
{{- end }}
{{- with $a.tls.existingSecret }}
- name: admin-tls
  secret: { secretName: {{ . }} }
{{- end }}
{{- with $a.tls.clientCASecret }}
{{- if .name }}
- name: admin-client-ca
  secret: { secretName: {{ .name }}, items: [{ key: {{ .key }}, path: ca.crt }] }
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "gatehouse.checkAdminAndAudit" -}}
{{- $v := .Values -}}
{{- with $v.admin -}}
{{- if .enabled -}}
{{- if and .tls.clientCASecret.name (not .tls.existingSecret) -}}
{{- fail "\n\nadmin.tls.clientCASecret needs admin.tls.existingSecret, a Secret with the keys tls.crt and tls.key" -}}
{{- end -}}
{{- if and .tls.allowedNames (not .tls.clientCASecret.name) -}}
{{- fail "\n\nadmin.tls.allowedNames needs admin.tls.clientCASecret, without which nobody is asked for a certificate" -}}
{{- end -}}
{{- if not (or .bearerToken .tls.clientCASecret.name) -}}
{{- fail "\n\nLeave admin.bearerToken true, or set admin.tls.clientCASecret.name: without both, anybody could call the admin API" -}}
{{- end -}}
{{- if and .from (not (include "gatehouse.adminIsExposed" $)) -}}
{{- fail "\n\nadmin.from needs admin.tls.existingSecret, or admin.allowPlaintext=true if something else protects the way: without these only the pod itself reaches the admin API" -}}
{{- end -}}
{{- range $name, $listener := $v.listeners -}}
{{- if eq (int $listener.port) (int $v.admin.port) -}}
{{- fail (printf "\n\nadmin.port (%d) is that of listeners.%s" (int $v.admin.port) $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $output := include "gatehouse.auditOutput" . -}}
{{- if and (eq $output "File") (not $v.audit.existingClaim) -}}
{{- fail "\n\naudit.output File needs audit.existingClaim, a PersistentVolumeClaim: what a pod keeps for itself goes with it" -}}
{{- end -}}
{{- if and $v.audit.existingClaim (ne $output "File") -}}
{{- fail (printf "\n\naudit.existingClaim is for audit.output File; it is %s" $output) -}}
{{- end -}}
{{- end -}}

{{- /* Helm reads YAML 1.1, where Off is another word for false. */ -}}
{{- define "gatehouse.auditOutput" -}}
{{- if eq (toString .Values.audit.output) "false" -}}Off{{- else -}}{{ .Values.audit.output }}{{- end -}}
{{- end -}}
