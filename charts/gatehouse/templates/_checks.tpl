{{- /* What no schema of values can say. Each refusal names the value to set. */ -}}
{{- define "gatehouse.checkValues" -}}
{{- $v := .Values -}}
{{- if not $v.authUrl -}}
{{- fail "\n\nSet authUrl to the URL of the auth host, the public host of Gatehouse itself: --set authUrl=https://auth.example.com" -}}
{{- end -}}
{{- include "gatehouse.checkRedis" . -}}
{{- include "gatehouse.checkAdminAndAudit" . -}}
{{- $names := dict -}}{{- $defaults := list -}}
{{- range $v.ingressClasses -}}
{{- if and (eq .controller "traefik") (contains "-" $.Release.Namespace) -}}
{{- fail (printf "\n\nInstall into a namespace without a dash, such as gatehouse: Traefik takes %s and a Middleware's name for one, and whoever has the namespace %s could replace those of every app" $.Release.Namespace (first (splitList "-" $.Release.Namespace))) -}}
{{- end -}}
{{- if hasKey $names .name -}}{{- fail (printf "\n\ningressClasses names %s twice" .name) -}}{{- end -}}
{{- $_ := set $names .name true -}}
{{- if .default -}}{{- $defaults = append $defaults .name -}}{{- end -}}
{{- if and .hostNetwork (not .cidrs) -}}
{{- fail (printf "\n\ningressClasses: %s uses the host's network, where no NetworkPolicy can see its pods: set its cidrs to the addresses of its nodes" .name) -}}
{{- end -}}
{{- if not (or .pods .cidrs) -}}
{{- fail (printf "\n\ningressClasses: set pods (namespace and labels) or cidrs of %s, so that its controller may reach the check listener" .name) -}}
{{- end -}}
{{- end -}}
{{- if gt (len $defaults) 1 -}}
{{- fail (printf "\n\ningressClasses: only one of %s can be the default" (join " and " $defaults)) -}}
{{- end -}}
{{- if and $v.portal.httpRoute.enabled (not $v.portal.httpRoute.parentRefs) -}}
{{- fail "\n\nSet portal.httpRoute.parentRefs to the Gateway that serves the auth host: [{ name: public, namespace: gateways }]" -}}
{{- end -}}
{{- if and $v.portal.ingress.enabled $v.portal.httpRoute.enabled -}}
{{- fail "\n\nSet only one of portal.ingress.enabled and portal.httpRoute.enabled" -}}
{{- end -}}
{{- if and $v.portal.ingress.enabled (not (include "gatehouse.portalClass" .)) -}}
{{- fail "\n\nName your ingress controller in ingressClasses, or set portal.ingress.className, or portal.ingress.enabled=false if you route the auth host yourself" -}}
{{- end -}}
{{- if and $v.extraCA.configMap $v.extraCA.secret -}}
{{- fail "\n\nSet only one of extraCA.configMap and extraCA.secret" -}}
{{- end -}}
{{- if and $v.autoscaling.enabled (lt (int $v.autoscaling.maxReplicas) (int $v.autoscaling.minReplicas)) -}}
{{- fail "\n\nautoscaling.maxReplicas is less than autoscaling.minReplicas" -}}
{{- end -}}
{{- $interval := $v.monitoring.serviceMonitor.interval -}}
{{- if gt (int (include "gatehouse.milliseconds" $interval)) 120000 -}}
{{- fail (printf "\n\nmonitoring.serviceMonitor.interval (%s) has to be at most 2m: alerts look back over five minutes, and in less than two scrapes there is no rate" $interval) -}}
{{- end -}}
{{- $grace := int $v.terminationGracePeriodSeconds -}}
{{- if le (mul $grace 1000) (int (include "gatehouse.milliseconds" $v.shutdown.timeout)) -}}
{{- fail (printf "\n\nterminationGracePeriodSeconds (%d) has to be more than shutdown.timeout (%s)" $grace $v.shutdown.timeout) -}}
{{- end -}}
{{- end -}}

{{- define "gatehouse.milliseconds" -}}
{{- if hasSuffix "ms" . -}}{{ trimSuffix "ms" . }}
{{- else if hasSuffix "m" . -}}{{ mul 60000 (int (trimSuffix "m" .)) }}
{{- else -}}{{ mul 1000 (int (trimSuffix "s" .)) }}
{{- end -}}
{{- end -}}

{{- /* IngressClass of the portal. */ -}}
{{- define "gatehouse.portalClass" -}}
{{- $class := .Values.portal.ingress.className -}}
{{- if not $class -}}
{{- range .Values.ingressClasses -}}{{- if and .default (not $class) -}}{{- $class = .name -}}{{- end -}}{{- end -}}
{{- end -}}
{{- if and (not $class) .Values.ingressClasses -}}{{- $class = (first .Values.ingressClasses).name -}}{{- end -}}
{{- $class -}}
{{- end -}}

{{- /* "true" if MutatingAdmissionPolicies are part of the release. */ -}}
{{- define "gatehouse.admissionPolicies" -}}
{{- $enabled := toString .Values.admissionPolicies.enabled -}}
{{- if eq $enabled "true" -}}true
{{- else if and (eq $enabled "auto") (.Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy") -}}true
{{- end -}}
{{- end -}}
