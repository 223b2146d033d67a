"""What would differ is told in the lines that differ."""

from slipway.deploying.differences import differences

PRINTED = """\
diff -u -N /var/LIVE-1/apps.v1.Deployment.slipway-staging.churn-endpoint /var/MERGED-2/apps.v1.Deployment.slipway-staging.churn-endpoint
--- /var/LIVE-1/apps.v1.Deployment.slipway-staging.churn-endpoint\t2026-01-02
+++ /var/MERGED-2/apps.v1.Deployment.slipway-staging.churn-endpoint\t2026-01-02
@@ -5,7 +5,7 @@
-  generation: 1
+  generation: 2
-        image: old
+        image: new
   name: churn-endpoint
diff -u -N /var/LIVE-1/v1.Service.slipway-staging.churn-endpoint /var/MERGED-2/v1.Service.slipway-staging.churn-endpoint
--- /var/LIVE-1/v1.Service.slipway-staging.churn-endpoint\t2026-01-02
+++ /var/MERGED-2/v1.Service.slipway-staging.churn-endpoint\t2026-01-02
@@ -0,0 +1,3 @@
+apiVersion: v1
+kind: Service
"""  # noqa: E501 - as kubectl prints it


def test_changed_lines_stand_under_their_object_and_a_new_object_is_named_alone() -> None:
    assert differences(PRINTED) == (
        "Deployment churn-endpoint",
        "-        image: old",
        "+        image: new",
        "Service churn-endpoint: new",
    )


def test_a_count_of_the_server_s_is_no_difference() -> None:
    counted = "\n".join(PRINTED.splitlines()[:6])
    assert differences(counted) == ()
    assert differences("") == ()
