# docker build --tag lipwright .
# docker run --rm --volume "$PWD:/data" lipwright sync --image me.jpg --audio a.wav --output a.mp4
# docker build --target server --tag lipwright-server .
# docker run --rm --publish 8000:8000 --volume lipwright:/data lipwright-server
FROM python:3.13-slim AS build
WORKDIR /source
COPY requirements/demo.txt requirements/
RUN python -m venv /opt/lipwright \
    && /opt/lipwright/bin/pip install --no-cache-dir --require-hashes -r requirements/demo.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY LICENSES LICENSES
COPY src src
RUN /opt/lipwright/bin/pip install --no-cache-dir --no-deps .

FROM build AS build-server
COPY requirements/server.txt requirements/
RUN /opt/lipwright/bin/pip install --no-cache-dir --require-hashes -r requirements/server.txt

FROM python:3.13-slim AS bare
RUN useradd --create-home --uid 1000 lipwright && mkdir /data && chown lipwright /data
ENV PATH="/opt/lipwright/bin:$PATH" PYTHONUNBUFFERED=1
USER lipwright
WORKDIR /data

FROM bare AS server
COPY --from=build-server /opt/lipwright /opt/lipwright
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["lipwright", "serve", "--host", "0.0.0.0", "--data", "/data"]

FROM bare
COPY --from=build /opt/lipwright /opt/lipwright
ENTRYPOINT ["lipwright"]
CMD ["--help"]
