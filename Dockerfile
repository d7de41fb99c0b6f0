# One image for web, worker, beat and migrations; docker-compose.yml says which command runs where.
FROM python:3.12-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DEMO=0 PERCORSO_VAR=/app/var
WORKDIR /app

COPY requirements/base.lock requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/base.lock

COPY . .
# The addresses satisfy the start-up checks while the image is built; nothing is connected to and
# nothing of them stays in the image.
RUN python -m config.messages compile \
    && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
       ALLOWED_HOSTS=build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
       TRUSTED_PROXY_COUNT=0 \
       python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 --no-create-home percorso \
    && install -d -o percorso var \
    && install -d -o percorso -m 700 var/exports

USER percorso
EXPOSE 8000
ENV HOST=0.0.0.0
CMD ["sh", "-c", "exec gunicorn config.wsgi --bind ${HOST:-127.0.0.1}:${PORT:-8000} --workers ${WEB_CONCURRENCY:-2} --threads 4 --timeout 60 --no-control-socket"]
