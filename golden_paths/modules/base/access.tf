locals {
  iam_role = replace(replace(replace(var.organisation.iam.role,
    "{name}", var.name),
    "{team}", var.team),
    "{environment}", var.environment
  )

  access_manifests = {
    "30-serviceaccount.yaml" = yamlencode({
      apiVersion                   = "v1"
      kind                         = "ServiceAccount"
      metadata                     = merge(local.metadata, { annotations = { (var.organisation.iam.annotation) = local.iam_role } })
      automountServiceAccountToken = false
    })

    "31-role.yaml" = yamlencode({
      apiVersion = "rbac.authorization.k8s.io/v1"
      kind       = "Role"
      metadata   = merge(local.metadata, { name = "${var.name}-team" })
      rules = concat([
        { apiGroups = [""], resources = ["pods", "services", "events"], verbs = ["get", "list", "watch"] },
        { apiGroups = [""], resources = ["pods/log"], verbs = ["get"] },
        { apiGroups = ["apps"], resources = ["deployments", "replicasets"], verbs = ["get", "list", "watch"] },
        ], [
        for group, kind in var.autoscalers : { apiGroups = [group], resources = [kind], verbs = ["get", "list", "watch"] }
        ], [
        { apiGroups = ["external-secrets.io"], resources = ["externalsecrets"], verbs = ["get", "list", "watch"] },
        # `kubectl rollout restart` is a patch.
        { apiGroups = ["apps"], resources = ["deployments"], resourceNames = [var.name], verbs = ["patch"] },
        # Port forwarding is authorised as `get` over WebSocket and as `create` over SPDY.
        { apiGroups = [""], resources = ["pods/portforward"], verbs = ["get", "create"] },
      ])
    })

    "32-rolebinding.yaml" = yamlencode({
      apiVersion = "rbac.authorization.k8s.io/v1"
      kind       = "RoleBinding"
      metadata   = merge(local.metadata, { name = "${var.name}-team" })
      roleRef    = { apiGroup = "rbac.authorization.k8s.io", kind = "Role", name = "${var.name}-team" }
      subjects = [{
        apiGroup = "rbac.authorization.k8s.io"
        kind     = "Group"
        name     = "${var.organisation.name}:${var.team}"
      }]
    })
  }
}
