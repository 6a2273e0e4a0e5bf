# One image; its command chooses what it is: web, worker, or any other command (deploy/start).
FROM python:3.13-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends fontconfig fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/tapwari --create-home tapwari

WORKDIR /srv/tapwari
# --no-deps: moviepy 2.2.1 asks for pillow<12 and runs on 13 here (docs/adr/0001).
COPY requirements.txt requirements-china.txt ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt
# --build-arg EXTRA=china: the packages of WeChat Pay and Alipay (docs/operations.md)
ARG EXTRA=
RUN if [ -n "$EXTRA" ]; then \
        pip install --no-cache-dir --require-hashes --no-deps -r "requirements-$EXTRA.txt"; \
    fi

# Each folder is named, so that keys and settings beside them never enter the image.
COPY LICENSE NOTICE manage.py ./
COPY accounts accounts/
COPY common common/
COPY config config/
COPY deploy/start deploy/
COPY gallery gallery/
COPY generation generation/
COPY jobs jobs/
COPY locale locale/
COPY scripts/is_healthy.py scripts/
COPY static static/
COPY studio studio/
COPY templates templates/
# What `manage.py fake_providers` runs (.dockerignore leaves the other tests out).
COPY tests tests/
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TAPWARI_VAR=/var/lib/tapwari
RUN python -m compileall -q accounts common config gallery generation jobs studio \
    && python manage.py collectstatic --noinput \
    && rm -f "$TAPWARI_VAR/secret_key" \
    && mkdir -p "$TAPWARI_VAR/work" "$TAPWARI_VAR/uploads" \
    && chown -R tapwari: "$TAPWARI_VAR/work" "$TAPWARI_VAR/uploads"

USER tapwari
EXPOSE 8000
ENTRYPOINT ["deploy/start"]
CMD ["web"]
