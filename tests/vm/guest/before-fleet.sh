# SPDX-License-Identifier: GPL-2.0-only
# Before the boot of t-fleet.sh: a Prometheus that scrapes node_exporter's textfile, with the alert rules as they are installed.
# Their times are cut short: a scrape each 10 and a look at the rules each 5 seconds, "for" of a second, a hold is too long after 20.
# shellcheck shell=sh

cat >/etc/prometheus/prometheus.yml <<'EOT'
global:
  # an emulated processor takes its time for an answer
  scrape_interval: 10s
  scrape_timeout: 10s
  evaluation_interval: 5s
rule_files:
  - daxguard.rules.yml
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['localhost:9100']
EOT
sed 's/for: [0-9]*[mh]/for: 1s/; s/age_seconds > 600/age_seconds > 20/' /usr/share/daxguard/prometheus/daxguard.rules.yml \
	>/etc/prometheus/daxguard.rules.yml
# the other collectors, and its own metrics, are work for an emulated processor
echo 'ARGS="--collector.disable-defaults --collector.textfile --web.disable-exporter-metrics"' >/etc/default/prometheus-node-exporter
mkdir -p /etc/systemd/system/daxguard-metrics.timer.d
printf '[Timer]\nOnUnitInactiveSec=10\n' >/etc/systemd/system/daxguard-metrics.timer.d/often.conf
chown -R prometheus: /var/lib/prometheus
